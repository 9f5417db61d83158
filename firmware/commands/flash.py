"""`zerotap flash`."""

from __future__ import annotations

from pathlib import Path

import click

from zerotap.firmware.board import BOARDS, DEFAULT_BOARD
from zerotap.reporting import json_option, next_step, print_report, progress, quiet_option

from .options import MODEL
from .report_text import report_lines


@click.command(short_help="Write a sketch to a board at a USB port.")
@click.argument("sketch", metavar="SKETCH.bin|.ino", type=MODEL)
@click.option(
    "--board",
    type=click.Choice(list(BOARDS)),
    default=DEFAULT_BOARD,
    show_default=True,
    help="Which board it is.",
)
@click.option("--port", metavar="PATH", help="Its serial port, where several such boards are there.")
@click.option("--dry-run", is_flag=True, help="Print the commands, and do nothing.")
@json_option
@quiet_option
def flash(sketch: Path, board: str, port: str | None, dry_run: bool, as_json: bool) -> None:
    """Write a sketch to a board: find its port, call its bootloader by 1200 baud, run bossac, verify.

    SKETCH is the .bin of a sketch, or its .ino, which arduino-cli builds, with the library in whose examples
    it lies. bossac is Debian's bossa-cli, or the one that the Arduino IDE installs. An image that is larger
    than the board's flash, or linked for another place, is refused. Where the bootloader does not come, or
    bossac fails, all is tried once more.

    \b
    Examples:
      zerotap flash conv-library/examples/SerialStream/SerialStream.ino
      zerotap flash SelfTest.ino.bin --board zero --dry-run
    """
    from zerotap.firmware import flash as run
    from zerotap.firmware import flash_commands

    if dry_run:
        commands = flash_commands(sketch, BOARDS[board], port=port)
        print_report({"commands": commands}, commands, as_json)
        return
    with progress() as on_progress:
        flashed = run(sketch, BOARDS[board], port=port, on_progress=on_progress)
    report = flashed.to_json()
    print_report(report, report_lines(report), as_json)
    if sketch.name.startswith("SerialStream"):
        next_step("zerotap verify MODEL --on PORT")
