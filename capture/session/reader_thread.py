"""A thread that reads a source while its consumer waits for a disk or a terminal."""

from __future__ import annotations

import threading
from queue import Empty, Queue
from types import TracebackType
from typing import NamedTuple

from zerotap.capture.packet import Event, Packet
from zerotap.capture.sources.source import Source


class _End(NamedTuple):
    """The source came to its end, in ``error`` where that was a fault."""

    error: Exception | None


STOP_S = 2.0
"""After so long a read that is to take 250 ms does not return at all."""


class ReaderThread:
    """Reads an open source in its own thread for the length of a ``with`` block.

    The queue has no bound: at USB's rates a disk that stalls for seconds costs megabytes, not packets.
    """

    def __init__(self, source: Source) -> None:
        # Not a SimpleQueue: in CPython 3.11 its get() waits forever where a signal's handler outlasts the
        # timeout.
        self._queue: Queue[Packet | Event | _End] = Queue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(source,), name="zerotap reader", daemon=True)
        self.ended = False

    def __enter__(self) -> ReaderThread:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop reading, which takes the 250 ms of one read; one that never returns is left behind."""
        self._stopping.set()
        self._thread.join(STOP_S)

    @property
    def is_stuck(self) -> bool:
        """Whether a read has not returned though it was to stop: the device or its controller hangs."""
        return self._stopping.is_set() and self._thread.is_alive()

    def waiting(self) -> int:
        """How much was read and not yet taken."""
        return self._queue.qsize()

    def next(self, timeout_s: float) -> Packet | Event | None:
        """Return what was read next; None where nothing comes in time, or nothing more at all (``ended``).

        Raises what the source raised, once all that came before it was taken.
        """
        if self.ended:
            return None
        try:
            item = self._queue.get(timeout=timeout_s)
        except Empty:
            return None
        if not isinstance(item, _End):
            return item
        self.ended = True
        if item.error is not None:
            raise item.error
        return None

    def _read(self, source: Source) -> None:
        put, stopping = self._queue.put, self._stopping.is_set
        error = None
        try:
            for item in source.packets():
                if item is not None:
                    put(item)
                if stopping():
                    break
        except Exception as fault:  # it is the consumer's to handle: ``next`` raises it there
            error = fault
        finally:
            put(_End(error))
