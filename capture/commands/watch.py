"""The command that watches a device or a file: rows of bytes, with those marked that changed."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerotap.errors import CaptureError
from zerotap.reporting import Number, json_option, next_step, quiet_option

from .options import device_options

if TYPE_CHECKING:
    from zerotap.capture.sources.source import Source
    from zerotap.capture.usb.opening import DeviceOptions


@click.command()
@click.argument("source", metavar="DEVICE|FILE")
@click.option("--device", metavar="BUS.ADDR[.EP]", help="Which stream of FILE, or VID:PID; by default all.")
@click.option("--seconds", type=Number(min=0, min_open=True), help="Stop after so long.")
@device_options
@click.option("--typed", is_flag=True, help="Show the bytes of a keyboard too.")
@click.option("--yes", is_flag=True, help="Watch even the only keyboard of this machine.")
@json_option
@quiet_option
def watch(
    source: str,
    device: str | None,
    seconds: float | None,
    endpoint: int | None,
    report_protocol: bool,
    baud: int | None,
    reset: bool | None,
    typed: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Watch the bytes that a device sends, or sent: those that changed are marked. Nothing is recorded.

    DEVICE is as for `zerotap record`, virtual devices too; FILE is a capture, shown at its own pace. A row is
    the latest packet of a stream and length; of a serial port that sends samples, their values are below.
    Where stdout is no terminal, each packet is a line, changed bytes are in brackets, and a FILE comes at
    once; with --json each is an object. What may be typed is hidden unless you give --typed. Ctrl-C ends it,
    and gives the device back.

    \b
    Examples:
      zerotap watch virtual:sensor@100 --seconds 2
      zerotap watch 046d:c077
      zerotap watch moods/recordings/take.pcapng --typed
    """
    from zerotap.capture.usb.opening import DeviceOptions

    options = DeviceOptions(endpoint, report_protocol, baud, reset)
    if Path(source).is_file() or Path(source).is_fifo():
        if options != DeviceOptions() or yes:
            raise click.UsageError(
                "--endpoint, --report-protocol, --baud, --reset and --yes are for a device"
            )
        _watch_file(Path(source), device, seconds, typed, as_json)
    elif device:
        raise click.UsageError("--device chooses a stream of a file: a device has one")
    else:
        _watch_device(_device(source, options, yes), source, seconds, typed, as_json)


def _watch_file(path: Path, device: str | None, seconds: float | None, typed: bool, as_json: bool) -> None:
    from zerotap.capture.datasets.importing import choose_streams, read_streams
    from zerotap.capture.session.watching import holds_text, watch_recordings
    from zerotap.capture.signals import stopped_by_signals

    from .viewers import view

    streams = read_streams(path)
    chosen = streams if device is None and streams else choose_streams(streams, device, path)
    hidden = not typed and any(map(holds_text, chosen))
    with stopped_by_signals() as stop, view(hidden, as_json) as viewer:
        watch_recordings(chosen, viewer, stop, paced=viewer.is_live, seconds=seconds)
    next_step(f"zerotap info {shlex.quote(str(path))}")


def _device(spec: str, options: DeviceOptions, yes: bool) -> Source:
    from zerotap.capture.session.recording import keyboard_warning
    from zerotap.capture.sources.registry import find_source

    try:
        found = find_source(spec, options)
    except CaptureError as error:
        raise error if ":" in spec else CaptureError(f"{spec} is no file, and {error}") from None
    keyboard_warning(found, yes)  # refuses the only keyboard of this machine; nothing is recorded here
    return found


def _watch_device(found: Source, spec: str, seconds: float | None, typed: bool, as_json: bool) -> None:
    from zerotap.capture.session.watching import types_text, watch_source
    from zerotap.capture.signals import stopped_by_signals

    from .viewers import view

    hidden = not typed and types_text(found)
    with stopped_by_signals(holds_device=True) as stop, view(hidden, as_json) as viewer, stop.held():
        watch_source(found, viewer, stop, seconds)
    next_step(f"zerotap record {shlex.quote(spec)} --label LABEL --dataset DIR")
