"""`zerotap simulate`."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zerotap.firmware.board import BOARDS, DEFAULT_BOARD, MKR_ZERO
from zerotap.reporting import Number, json_option, print_report, progress, quiet_option, visible

from .report_text import report_lines

if TYPE_CHECKING:
    from zerotap.firmware.simulation.board.sketch_run import SketchRun

_FILE = click.Path(path_type=Path)
_SIMULATED = [name for name, row in BOARDS.items() if row.chip == MKR_ZERO.chip]


@click.command(short_help="Run a sketch's very image on a simulated board.")
@click.argument("sketch", type=_FILE)
@click.option(
    "--type", "text", default="", metavar="TEXT", help="Typed on a keyboard at the board's USB port."
)
@click.option(
    "--record", type=_FILE, help="A new .pcapng of the keyboard's reports, as the sketch took them."
)
@click.option("--uart", type=_FILE, help="A new file of the bytes that the sketch sends on Serial1.")
@click.option(
    "--seconds",
    type=Number(0, 3600, min_open=True),
    help="Of the board's time; default 3, or with --type until half a second after all is typed.",
)
@click.option(
    "--board",
    type=click.Choice(_SIMULATED),
    default=DEFAULT_BOARD,
    show_default=True,
    help="The board that it was built for.",
)
@json_option
@quiet_option
def simulate(
    sketch: Path,
    text: str,
    record: Path | None,
    uart: Path | None,
    seconds: float | None,
    board: str,
    as_json: bool,
) -> None:
    """Run a sketch's very image on the simulated board, and show what it sends.

    SKETCH is the .elf or .bin that the Arduino IDE or arduino-cli built for the board, unchanged. A fault
    stops it with exit code 1 and names function, line and registers, as far as the .elf has them.

    Simulated: the core with its interrupts and SysTick, cycles at zero wait states; Serial1; pins and their
    interrupts; the ADC, whose inputs are 0 V here; USB. Where the sketch is a USB device a computer opens
    its serial port; where it is a host a keyboard is plugged in, and --type types on it once the sketch has
    enumerated it, as a person would.

    Not simulated: the flash's wait states, timers and PWM (TC, TCC), RTC, watchdog, DMA, SPI, I2C, I2S,
    writing to flash, the bootloader. A sketch that uses one of these stops with a fault that names the
    register.

    \b
    Examples:
      zerotap simulate Blink.ino.elf --seconds 2
      zerotap simulate KeyboardHost.elf --type "hello" --record keys.pcapng --uart out.txt
    """
    from zerotap.firmware.board import find_board
    from zerotap.firmware.simulation.board.sketch_run import run_sketch

    if record and not text:
        raise click.UsageError("--record needs --type: nothing else comes from the keyboard")
    if record and uart and record.resolve() == uart.resolve():
        raise click.UsageError("--record and --uart are two files: give each its own name")
    with progress() as on_progress, _new_file(record) as packets_file, _new_file(uart) as bytes_file:
        on_progress("simulating", 0, 0)
        run = run_sketch(sketch, find_board(board), seconds, text)
        _write(run, packets_file, bytes_file)
    print_report(run.report, _lines(run.report), as_json)
    _check(run, bool(text))


def _new_file(path: Path | None) -> AbstractContextManager[Path | None]:
    """Begin a file that is asked for before the run, which would be lost where its name is taken."""
    from zerotap.writing import new_file

    return nullcontext() if path is None else new_file(path, private=True)


def _write(run: SketchRun, record: Path | None, uart: Path | None) -> None:
    """Write what was asked for, also of a run that ended in a fault."""
    from zerotap.capture import PcapngWriter

    if uart:
        uart.write_bytes(run.uart)
    if record:
        with PcapngWriter(record, run.keyboard) as writer:
            for packet in run.packets:
                writer.write(packet)


def _lines(report: dict[str, Any]) -> list[str]:
    """The figures, then what was sent, a line each."""
    texts = {"usb_serial", "uart", "fault"}
    figures = {name: value for name, value in report.items() if name not in texts and value not in (None, {})}
    sent = [
        f"{name} | {visible(line)}"
        for name in ("usb_serial", "uart")
        for line in str(report[name]).replace("\r\n", "\n").splitlines()
    ]
    return [*report_lines(figures), *sent]


def _check(run: SketchRun, is_typed: bool) -> None:
    """Raise what ended the run, or that the sketch has not taken what was typed."""
    from zerotap.errors import BoardError

    if run.fault is not None:
        raise run.fault
    if is_typed and run.untyped:
        took = f"{len(run.packets)} of {len(run.packets) + run.untyped} reports"
        raise BoardError(
            f"the sketch took {took} of the keyboard within {run.seconds:.1f} s: it is no USB host, or needs "
            "more --seconds (Arduino's USBHost takes two to find the keyboard)"
        )
