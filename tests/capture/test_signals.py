import signal
import threading

import pytest

from zerotap.capture.signals import STOPPING, WITH_A_DEVICE, stopped_by_signals


@pytest.fixture(autouse=True)
def handlers():
    before = {number: signal.getsignal(number) for number in (*STOPPING, *WITH_A_DEVICE)}
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
    assert {number: signal.getsignal(number) for number in handlers} == handlers


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


@pytest.mark.parametrize("number", WITH_A_DEVICE)
def test_what_would_keep_a_device_stops_its_recording(number, handlers):
    signal.signal(number, signal.SIG_DFL)
    with stopped_by_signals(ends_program=False, holds_device=True) as stop:
        with stop.held():
            for _ in range(2):
                signal.raise_signal(number)
            assert stop.requested
        assert signal.getsignal(number) is signal.SIG_IGN
    assert signal.getsignal(number) == signal.SIG_DFL


@pytest.mark.parametrize("number", WITH_A_DEVICE)
def test_without_a_device_a_program_may_be_suspended_or_quit(number):
    signal.signal(number, signal.SIG_DFL)
    with stopped_by_signals(ends_program=False):
        assert signal.getsignal(number) == signal.SIG_DFL


def test_a_signal_that_the_program_handles_itself_stays_with_it():
    def own(_number, _frame):
        pass

    for number in WITH_A_DEVICE[:1]:
        signal.signal(number, own)
        with stopped_by_signals(ends_program=False, holds_device=True):
            assert signal.getsignal(number) is own
