"""The command that records: arguments in, a live line, a report out."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerotap.errors import CaptureError
from zerotap.reporting import Number, json_option, next_step, print_report, quiet_option, say

from .next_commands import after_recording
from .options import device_options

if TYPE_CHECKING:
    from zerotap.capture.session.session import Recorded
    from zerotap.capture.sources.source import Source
    from zerotap.capture.usb.opening import DeviceOptions


@click.command()
@click.argument("device", required=False)
@click.option(
    "--label", "labels", required=True, multiple=True, help="The class; several for keys or --prompt."
)
@click.option(
    "--dataset",
    "folder",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path),
    help="Where to; made where there is none.",
)
@click.option("--seconds", type=Number(min=0, min_open=True), help="Stop after so long.")
@click.option("--packets", type=click.IntRange(min=1), help="Stop after so many.")
@click.option("--name", default="", help="The recording's name; by default its label.")
@click.option("--prompt", is_flag=True, help="Ask for each label in turn after a countdown, and record each.")
@device_options
@click.option(
    "--usbmon",
    "bus",
    metavar="BUS",
    type=click.IntRange(min=0),
    help="Listen to this bus, or to DEVICE on it, and take no device (Linux, root); 0 is every bus.",
)
@click.option("--licence", default="", help="Of the recordings, noted in the dataset.")
@click.option("--consent", default="", help="Who agreed to be recorded, noted in the dataset.")
@click.option("--typed", is_flag=True, help="Show a keyboard's reports while it records.")
@click.option("--yes", is_flag=True, help="Record even the only keyboard of this machine.")
@json_option
@quiet_option
def record(
    device: str | None,
    labels: tuple[str, ...],
    folder: Path,
    seconds: float | None,
    packets: int | None,
    name: str,
    prompt: bool,
    endpoint: int | None,
    report_protocol: bool,
    baud: int | None,
    reset: bool | None,
    bus: int | None,
    licence: str,
    consent: str,
    typed: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Record what a USB device sends into the dataset DIR, until Ctrl-C, --seconds or --packets.

    DEVICE is VID:PID, VID:PID:serial, bus.address or a unique part of the name, as `zerotap devices` lists
    them. Keyboards, mice and other HID devices are read by their interrupt endpoint, serial ports (Arduino)
    by their data endpoint. The kernel's driver is taken off meanwhile and given back at the end.

    A board behind a USB-serial chip (FTDI, CP210x, CH340) is serial:/dev/ttyUSB0, serial:VID:PID or either
    with @BAUD; its driver stays. A port that goes away for less than 10 s is recorded on, with a gap.

    With --usbmon BUS nothing is taken from its driver: a keyboard goes on working while it is recorded. Each
    device's stream becomes a recording of its own, named for the label and the stream.

    Without any device: virtual:keyboard, virtual:sensor (binary frames), virtual:text (lines of numbers) and
    virtual:reports (64-byte reports), each but the first with @RATE a second; replay:FILE plays a recording
    again, replay:FILE@10 ten times as fast. virtual:sensor/shake@100 and virtual:text/shake@100 are moved:
    rest, wave, circle, tap or shake, and with /2 behind another take of it.

    The file is whole after every packet and readable by you alone. While it runs, keys pressed here label
    it: a digit switches to that --label, space marks a point, u undoes.

    \b
    Examples:
      zerotap record virtual:sensor@1000 --label idle --dataset tried --seconds 5
      zerotap record 046d:c31c --label typing --dataset desk --seconds 60
      zerotap record 046d:c31c --usbmon 1 --label typing --dataset desk
      zerotap record serial:/dev/ttyUSB0@57600 --label idle --dataset moves
      zerotap record "MKR Zero" --label idle --label shake --dataset moves \\
        --prompt --seconds 20
    """
    from zerotap.capture.session.recording import Terms, keyboard_warning, record_source
    from zerotap.capture.session.session import Plan
    from zerotap.capture.session.watching import types_text
    from zerotap.capture.signals import stopped_by_signals
    from zerotap.capture.usb.opening import DeviceOptions

    from .live import live_terminal

    if prompt and seconds is None and packets is None:
        raise click.UsageError("--prompt needs --seconds or --packets: how much to record of each label")
    plan = Plan(labels, name, seconds, packets, prompt)
    source = _source(device, bus, DeviceOptions(endpoint, report_protocol, baud, reset))
    if warning := keyboard_warning(source, yes):
        say(warning, err=True)
    hidden = not typed and types_text(source)
    with stopped_by_signals(holds_device=True) as stop, live_terminal(plan, hidden) as operator, stop.held():
        results = record_source(source, folder, plan, Terms(licence, consent), operator, stop)
    _report(results, as_json)
    meant = [*([shlex.quote(device)] if device else []), *([f"--usbmon {bus}"] if bus is not None else [])]
    next_step(after_recording(folder, " ".join(["record", *meant])))


def _source(device: str | None, bus: int | None, options: DeviceOptions) -> Source:
    """Find the device, or the bus and the device on it."""
    from zerotap.capture.sources.registry import find_bus, find_source

    if bus is not None:
        return find_bus(bus, device, options)
    if device is None:
        raise click.UsageError("name a DEVICE, as `zerotap devices` lists them, or a bus by --usbmon BUS")
    return find_source(device, options)


def _report(results: list[Recorded], as_json: bool) -> None:
    from zerotap.capture.datasets.sensor_notes import sensor_line

    lines = []
    for result in results:
        lines += [str(result)] if result.path else []
        lines += [f"  {sensor_line(result.sensor)}"] if result.sensor else []
    if as_json or lines:
        print_report({"recordings": [result.to_json() for result in results]}, lines, as_json)
    for result in results:
        if problem := result.problem():
            raise CaptureError(problem)
