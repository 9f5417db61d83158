"""A recording as a source: it comes again as it came, in its own time or faster."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from zerotap.capture.files.reading import read_recordings
from zerotap.capture.packet import Event, Packet
from zerotap.errors import CaptureError

IDLE_S = 0.25
NANOSECONDS = 1_000_000_000


class ReplaySource:
    """Sends the one recording in ``path`` at ``speed`` times its own pace, with the times that it has.

    Raises CaptureError where the file cannot be read, holds several streams or no packet.
    """

    synthetic = True

    def __init__(self, path: Path, speed: float = 1.0) -> None:
        recordings = read_recordings(path)
        if len(recordings) != 1 or not len(recordings[0]):
            raise CaptureError(
                f"{path}: holds {len(recordings)} streams and not one: import the one to replay first"
            )
        self.recording, self.speed = recordings[0], speed
        self.identity, self.transfer = self.recording.device, self.recording.transfer
        self.descriptors: dict[str, str] = {}
        self._from_ns = int(self.recording.timestamps_ns[0])
        self._opened_ns: int | None = None

    def open(self) -> None:
        """Start the clock: the first packet comes at once."""
        self._opened_ns = time.monotonic_ns()

    def clock_ns(self) -> int:
        """The time in the recording."""
        elapsed_ns = 0 if self._opened_ns is None else time.monotonic_ns() - self._opened_ns
        return self._from_ns + int(elapsed_ns * self.speed)

    def packets(self) -> Iterator[Packet | Event | None]:
        """Yield the packets and events, each when its time has come."""
        if self._opened_ns is None:
            raise CaptureError("The replay is not open: open the source before reading it")
        items: list[Packet | Event] = [*self.recording.packets(), *self.recording.events]
        for item in sorted(items, key=lambda item: item.timestamp_ns):
            while (wait_s := self._wait_s(item.timestamp_ns)) > IDLE_S:
                time.sleep(IDLE_S)
                yield None
            if wait_s > 0:
                time.sleep(wait_s)
            yield item

    def close(self) -> None:
        """Stop the clock."""
        self._opened_ns = None

    def _wait_s(self, timestamp_ns: int) -> float:
        return (timestamp_ns - self.clock_ns()) / NANOSECONDS / self.speed
