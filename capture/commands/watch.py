"""The command that watches a device or a file: rows of bytes, with those marked that changed."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerotap.capture.session.watching import Row, Viewer, hexadecimal
from zerotap.reporting import json_option, next_step, quiet_option, say, visible

from .options import address
from .seen import Seen

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

    from zerotap.capture.packet import Packet
    from zerotap.capture.sources.source import Source
    from zerotap.capture.usb.opening import DeviceOptions

SHOWN_S = 0.1
MARKED_NS = 700_000_000
"""How long a byte that changed stays marked."""
HIDDEN = "This may be what somebody types: its bytes are hidden, --typed shows them."


@click.command()
@click.argument("source", metavar="DEVICE|FILE")
@click.option("--device", metavar="BUS.ADDR[.EP]", help="Which stream of FILE, or VID:PID; by default all.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="Stop after so long.")
@click.option("--endpoint", metavar="0x81", callback=address, help="IN endpoint; by default the likely one.")
@click.option("--report-protocol", is_flag=True, help="Leave a keyboard or mouse out of the boot protocol.")
@click.option("--baud", type=int, help="Of a serial port: 115200 by default, never 1200.")
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
    if Path(source).is_file():
        if endpoint or report_protocol or baud or yes:
            raise click.UsageError("--endpoint, --report-protocol, --baud and --yes are for a device")
        _watch_file(Path(source), device, seconds, typed, as_json)
    elif device:
        raise click.UsageError("--device chooses a stream of a file: a device has one")
    else:
        from zerotap.capture.usb.opening import DeviceOptions

        found = _device(source, DeviceOptions(endpoint, report_protocol, baud), yes)
        _watch_device(found, source, seconds, typed, as_json)


def _watch_file(path: Path, device: str | None, seconds: float | None, typed: bool, as_json: bool) -> None:
    from zerotap.capture.datasets.importing import choose_streams, read_streams
    from zerotap.capture.session.watching import holds_text, watch_recordings
    from zerotap.capture.signals import stopped_by_signals

    streams = read_streams(path)
    chosen = streams if device is None and streams else choose_streams(streams, device, path)
    hidden = not typed and any(map(holds_text, chosen))
    with stopped_by_signals() as stop, _view(hidden, as_json) as viewer:
        watch_recordings(chosen, viewer, stop, paced=viewer.is_live, seconds=seconds)
    next_step(f"zerotap info {shlex.quote(str(path))}")


def _device(spec: str, options: DeviceOptions, yes: bool) -> Source:
    from zerotap.capture.session.recording import keyboard_warning
    from zerotap.capture.sources.registry import find_source

    found = find_source(spec, options)
    keyboard_warning(found, yes)  # refuses the only keyboard of this machine; nothing is recorded here
    return found


def _watch_device(found: Source, spec: str, seconds: float | None, typed: bool, as_json: bool) -> None:
    from zerotap.capture.session.watching import types_text, watch_source
    from zerotap.capture.signals import stopped_by_signals

    hidden = not typed and types_text(found)
    with stopped_by_signals(holds_device=True) as stop, _view(hidden, as_json) as viewer, stop.held():
        watch_source(found, viewer, stop, seconds)
    next_step(f"zerotap record {shlex.quote(spec)} --label LABEL --dataset DIR")


class _Lines(Viewer):
    """A line for each packet."""

    is_live = False

    def __init__(self, hidden: bool, as_json: bool) -> None:
        self._rows: dict[tuple[str, int], Row] = {}
        self._hidden, self._as_json, self._first_ns = hidden, as_json, -1

    def take(self, stream: str, packet: Packet) -> None:
        row = self._rows.setdefault((stream, len(packet.data)), Row())
        row.take(packet)
        self._first_ns = packet.timestamp_ns if self._first_ns < 0 else self._first_ns
        seconds = (packet.timestamp_ns - self._first_ns) / 1e9
        click.echo(self._json(seconds, stream, row) if self._as_json else self._line(seconds, stream, row))

    def _line(self, seconds: float, stream: str, row: Row) -> str:
        shown = hexadecimal(row.data, row.changed, self._hidden)
        return f"{seconds:11.6f}  {stream}  {len(row.data):3d}  {shown}"

    def _json(self, seconds: float, stream: str, row: Row) -> str:
        report = {
            "seconds": seconds,
            "stream": stream,
            "bytes": len(row.data),
            "data": None if self._hidden else row.data.hex(),
            "changed": [place for place, is_new in enumerate(row.changed) if is_new],
        }
        return json.dumps(report)


class _Rows(Viewer):
    """A table that follows what comes."""

    is_live = True

    def __init__(self, live: Live, hidden: bool) -> None:
        self._rows: dict[tuple[str, int], Row] = {}
        self._live, self._hidden, self._shown_s = live, hidden, 0.0
        self._seen = Seen(hidden=True)  # the rows show the bytes

    def take(self, stream: str, packet: Packet) -> None:
        self._rows.setdefault((stream, len(packet.data)), Row()).take(packet)
        self._seen.take(packet)

    def tick(self) -> None:
        if time.monotonic() - self._shown_s >= SHOWN_S:
            self._shown_s = time.monotonic()
            self.show()

    def show(self) -> None:
        """Draw the rows, and the values of samples."""
        from rich.console import Group
        from rich.text import Text

        values = [Text(visible(line), no_wrap=True) for line in self._seen.lines()]
        self._live.update(Group(self._table(), *values), refresh=True)

    def _table(self) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table("stream", "bytes", "packets", "/s", "data", box=None, pad_edge=False)
        for (stream, size), row in sorted(self._rows.items()):
            data = Text()
            for byte, is_new in zip(row.data, row.recent(MARKED_NS), strict=True):
                data.append(".." if self._hidden else f"{byte:02x}", "reverse bold" if is_new else "")
                data.append(" ")
            table.add_row(stream, str(size), str(row.count), f"{row.rate_hz:.0f}", data)
        return table


@contextmanager
def _view(hidden: bool, as_json: bool) -> Iterator[_Lines | _Rows]:
    """Give what shows packets, a table on a terminal, which stays as it was last."""
    from rich.console import Console
    from rich.live import Live

    if hidden:
        say(HIDDEN, err=True)
    console = Console()
    if as_json or not console.is_terminal:
        yield _Lines(hidden, as_json)
        return
    with Live(console=console, auto_refresh=False) as live:
        viewer = _Rows(live, hidden)
        yield viewer
        viewer.show()
