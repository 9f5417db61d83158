import signal
import threading

import pytest

from zerotap.capture.signals import STOPPING, stopped_by_signals


@pytest.fixture(autouse=True)
def handlers():
    before = {number: signal.getsignal(number) for number in STOPPING}
    yield before
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_raises_and_those_that_follow_are_ignored(number):
    with pytest.raises(KeyboardInterrupt), stopped_by_signals() as stop:
        try:
            signal.raise_signal(number)
        finally:
            assert stop.requested
            for other in STOPPING:
                signal.raise_signal(other)


def test_a_held_signal_is_only_noted():
    with stopped_by_signals() as stop:
        with stop.held():
            with stop.held():
                pass
            signal.raise_signal(signal.SIGTERM)
            assert stop.requested
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_without_a_signal_the_handlers_come_back(handlers):
    with stopped_by_signals() as stop:
        assert signal.getsignal(signal.SIGTERM) is stop
    assert {number: signal.getsignal(number) for number in STOPPING} == handlers


def test_another_thread_handles_no_signals(handlers):
    seen = []

    def run():
        with stopped_by_signals() as stop:
            seen.append((signal.getsignal(signal.SIGTERM), stop.requested))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [(handlers[signal.SIGTERM], False)]


def test_a_hang_up_that_nohup_ignores_stays_ignored():
    signal.signal(STOPPING[-1], signal.SIG_IGN)
    with stopped_by_signals() as stop:
        signal.raise_signal(STOPPING[-1])
        assert not stop.requested
