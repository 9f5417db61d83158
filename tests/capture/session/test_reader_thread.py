"""The reader's thread: whoever waits for it wakes up again, whatever signals come meanwhile."""

import signal
import time
from collections.abc import Iterator

import pytest

from zerotap.capture.packet import Packet
from zerotap.capture.session.reader_thread import ReaderThread


class Silent:
    """A source that never sends anything."""

    def packets(self) -> Iterator[Packet | None]:
        while True:
            time.sleep(0.01)
            yield None


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no interval timer on this system")
@pytest.mark.timeout(20, method="thread")
def test_a_handler_that_outlasts_the_timeout_does_not_hang_the_wait() -> None:
    before = signal.signal(signal.SIGALRM, lambda *_: time.sleep(0.1))
    try:
        with ReaderThread(Silent()) as pump:
            signal.setitimer(signal.ITIMER_REAL, 0.03)
            assert pump.next(0.05) is None
    finally:
        signal.signal(signal.SIGALRM, before)
