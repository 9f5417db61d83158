"""The command that records: arguments in, a live line, a report out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zerotap.errors import CaptureError

if TYPE_CHECKING:
    from zerotap.capture.session.session import Recorded
    from zerotap.capture.sources.source import Source


def _address(_context: click.Context, _option: click.Parameter, text: str | None) -> int | None:
    """Read an endpoint's address, as decimal or hexadecimal number."""
    try:
        address = None if text is None else int(text, 0)
    except ValueError as error:
        raise click.BadParameter(f"{text} is no number such as 0x81") from error
    if address is not None and not 0x81 <= address <= 0x8F:
        raise click.BadParameter(f"{text} is no IN endpoint: those are 0x81 to 0x8f")
    return address


@click.command()
@click.argument("device")
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
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="Stop after so long.")
@click.option("--packets", type=click.IntRange(min=1), help="Stop after so many.")
@click.option("--name", default="", help="The recording's name; by default its label.")
@click.option("--prompt", is_flag=True, help="Ask for each label in turn after a countdown, and record each.")
@click.option("--endpoint", metavar="0x81", callback=_address, help="IN endpoint; by default the likely one.")
@click.option("--report-protocol", is_flag=True, help="Leave a keyboard or mouse out of the boot protocol.")
@click.option("--baud", type=int, help="Of a serial port: 115200 by default, never 1200.")
@click.option("--licence", default="", help="Of the recordings, noted in the dataset.")
@click.option("--consent", default="", help="Who agreed to be recorded, noted in the dataset.")
@click.option("--yes", is_flag=True, help="Record even the only keyboard of this machine.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def record(
    device: str,
    labels: tuple[str, ...],
    folder: Path,
    seconds: float | None,
    packets: int | None,
    name: str,
    prompt: bool,
    endpoint: int | None,
    report_protocol: bool,
    baud: int | None,
    licence: str,
    consent: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Record what a USB device sends into the dataset DIR, until Ctrl-C, --seconds or --packets.

    DEVICE is VID:PID, VID:PID:serial, bus.address or a unique part of the name, as `zerotap devices` lists
    them. Keyboards, mice and other HID devices are read by their interrupt endpoint, serial ports (Arduino)
    by their data endpoint. The kernel's driver is taken off meanwhile and given back at the end.

    Without any device: virtual:keyboard, virtual:sensor (binary frames), virtual:text (lines of numbers) and
    virtual:reports (64-byte reports), each but the first with @RATE a second; replay:FILE plays a recording
    again, replay:FILE@10 ten times as fast.

    The file is whole after every packet and readable by you alone. While it runs, keys pressed here label
    it: a digit switches to that --label, space marks a point, u undoes.

    \b
    Examples:
      zerotap record virtual:sensor@1000 --label idle --dataset tried --seconds 5
      zerotap record 046d:c31c --label typing --dataset desk --seconds 60
      zerotap record "MKR Zero" --label idle --label shake --dataset moves --prompt --seconds 20
    """
    from zerotap.capture.datasets.dataset import Dataset
    from zerotap.capture.datasets.sensor_notes import note_sensor
    from zerotap.capture.session.session import Plan
    from zerotap.capture.session.session import record as record_session
    from zerotap.capture.signals import stopped_by_signals
    from zerotap.capture.sources.registry import find_source
    from zerotap.capture.sources.source import opened
    from zerotap.capture.usb.opening import TapOptions

    from .live import live_terminal

    if prompt and seconds is None and packets is None:
        raise click.UsageError("--prompt needs --seconds or --packets: how much to record of each label")
    plan = Plan(labels, name, seconds, packets, prompt)
    source = find_source(device, TapOptions(endpoint, report_protocol, baud))
    _warn(source, yes)
    # Held: no signal may come between a driver's detaching and its return; the session looks for them itself.
    with stopped_by_signals() as stop, live_terminal(plan) as operator, stop.held(), opened(source):
        dataset = Dataset.open_or_create(folder, source.synthetic)
        dataset.note(source.identity, source.descriptors, licence, consent)
        results = record_session(source, dataset, plan, operator, stop)
    is_serial = source.transfer == "bulk"
    sensors = [note_sensor(dataset, r.path) if r.path and is_serial else None for r in results]
    _report(results, sensors, as_json)


def _warn(source: Source, yes: bool) -> None:
    """Say that everything typed is recorded, and refuse the only keyboard."""
    from zerotap.capture.sources.usb import UsbSource

    if not isinstance(source, UsbSource) or source.synthetic or not source.is_keyboard():
        return
    if not yes and source.is_only_keyboard():
        raise CaptureError(
            "This is the only USB keyboard here, and no key of it reaches this machine while it is recorded, "
            "nor does Ctrl-C: add --yes if you have another way to type, or --yes --seconds 30"
        )
    click.echo("Every key pressed on this keyboard is recorded, passwords too.", err=True)


def _report(results: list[Recorded], sensors: list[dict[str, Any] | None], as_json: bool) -> None:
    from zerotap.capture.datasets.sensor_notes import sensor_line

    pairs = list(zip(results, sensors, strict=True))
    if as_json:
        rows = [{**result.to_json(), "sensor": sensor} for result, sensor in pairs]
        click.echo(json.dumps({"recordings": rows}))
    for result, sensor in pairs if not as_json else []:
        if result.path:
            click.echo(str(result))
        if sensor:
            click.echo(f"  {sensor_line(sensor)}")
    for result in results:
        if problem := result.problem():
            raise CaptureError(problem)
