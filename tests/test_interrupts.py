"""Signals become one KeyboardInterrupt, and none where its half would be left on the disk."""

import shutil
import signal
import sys
import tempfile
import time

import pytest

from zerotap import interrupts
from zerotap.interrupts import EndedBySignalError, Interrupt, ended_by_signals, held
from zerotap.writing import scratch_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows ends programs otherwise")


@pytest.fixture(autouse=True)
def handlers():
    before = {number: signal.getsignal(number) for number in interrupts.ENDING}
    yield before
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", interrupts.ENDING)
def test_a_signal_ends_the_block_once_and_is_the_exit_code(number):
    interrupt = Interrupt()
    with pytest.raises(EndedBySignalError), ended_by_signals(interrupt):
        try:
            signal.raise_signal(number)
        finally:
            signal.raise_signal(number)  # impatience does not cut the clean-up short
    assert interrupt.exit_code(0) == 128 + number
    assert Interrupt().exit_code(4) == 4


def test_one_that_python_drops_is_raised_again():
    class Freed:
        def __del__(self):
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(EndedBySignalError), ended_by_signals(Interrupt()):
        freed = Freed()
        del freed
        time.sleep(5)
        pytest.fail("went on as if nothing had happened")


@pytest.mark.parametrize("number", interrupts.ENDING)
def test_a_held_signal_comes_when_the_block_has_ended(number):
    done = []
    with pytest.raises(EndedBySignalError), ended_by_signals(Interrupt()):
        with held():
            signal.raise_signal(number)
            done.append("the rest")
        pytest.fail("it never came")
    assert done == ["the rest"]


def test_without_a_signal_the_handlers_come_back(handlers):
    with held():
        assert signal.getsignal(signal.SIGINT) is not handlers[signal.SIGINT]
    with ended_by_signals(Interrupt()):
        pass
    assert {number: signal.getsignal(number) for number in handlers} == handlers


@pytest.mark.parametrize(("module", "name"), [(tempfile, "mkdtemp"), (shutil, "rmtree")])
def test_a_folder_is_removed_whatever_moment_the_signal_chose(tmp_path, monkeypatch, module, name):
    really = getattr(module, name)

    def sent(*arguments, **named):
        signal.raise_signal(signal.SIGTERM)
        return really(*arguments, **named)

    monkeypatch.setattr(module, name, sent)
    with pytest.raises(EndedBySignalError), ended_by_signals(Interrupt()), scratch_folder(beside=tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
