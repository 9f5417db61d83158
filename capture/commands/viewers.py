"""What `zerotap watch` shows of packets: a table on a terminal, else a line for each."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from zerotap.capture.session.session import LATEST_PACKETS
from zerotap.capture.session.watching import Row, Viewer, hexadecimal
from zerotap.reporting import say, visible

from .seen import seen_lines

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

    from zerotap.capture.packet import Packet

SHOWN_S = 0.1
MARKED_NS = 700_000_000
"""How long a byte that changed stays marked."""
HIDDEN = "This may be what somebody types: its bytes are hidden, --typed shows them."


class Lines(Viewer):
    """A line for each packet."""

    is_live = False

    def __init__(self, hidden: bool, as_json: bool) -> None:
        self._rows: dict[tuple[str, int], Row] = {}
        self._hidden, self._as_json, self._first_ns = hidden, as_json, -1

    def take(self, stream: str, packet: Packet) -> None:
        """Print the packet's line."""
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


class Rows(Viewer):
    """A table that follows what comes."""

    is_live = True

    def __init__(self, live: Live, hidden: bool) -> None:
        self._rows: dict[tuple[str, int], Row] = {}
        self._live, self._hidden, self._shown_s = live, hidden, 0.0
        self._latest: dict[str, deque[Packet]] = {}

    def take(self, stream: str, packet: Packet) -> None:
        """Bring the packet's row up to date."""
        self._rows.setdefault((stream, len(packet.data)), Row()).take(packet)
        self._latest.setdefault(stream, deque(maxlen=LATEST_PACKETS)).append(packet)

    def tick(self) -> None:
        """Draw, ten times a second."""
        if time.monotonic() - self._shown_s >= SHOWN_S:
            self._shown_s = time.monotonic()
            self.show()

    def show(self) -> None:
        """Draw the rows, and the values of samples."""
        from rich.console import Group
        from rich.text import Text

        values = [Text(visible(line), no_wrap=True) for line in self.value_lines()]
        self._live.update(Group(self._table(), *values), refresh=True)

    def value_lines(self) -> list[str]:
        """Return the values of each stream that is samples; the rows show the bytes of the others."""
        by_stream = {name: seen_lines(packets, hidden=True) for name, packets in sorted(self._latest.items())}
        names = len(by_stream) > 1
        return [line for name, lines in by_stream.items() if lines for line in ([name] * names + lines)]

    def _table(self) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table("stream", "bytes", "packets", "/s", "data", box=None, pad_edge=False)
        for (stream, size), row in sorted(self._rows.items()):
            data = Text()
            for byte, is_new in zip(row.data, row.recent(MARKED_NS), strict=True):
                data.append(".." if self._hidden else f"{byte:02x}", "reverse bold" if is_new else "")
                data.append(" ")
            table.add_row(visible(stream), str(size), str(row.count), f"{row.rate_hz:.0f}", data)
        return table


@contextmanager
def view(hidden: bool, as_json: bool) -> Iterator[Lines | Rows]:
    """Give what shows packets, a table on a terminal, which stays as it was last."""
    from rich.console import Console
    from rich.live import Live

    if hidden:
        say(HIDDEN, err=True)
    console = Console()
    if as_json or not console.is_terminal:
        yield Lines(hidden, as_json)
        return
    with Live(console=console, auto_refresh=False) as live:
        viewer = Rows(live, hidden)
        yield viewer
        viewer.show()
