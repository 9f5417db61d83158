"""A recording on the simulated board: what its steps wait for the flash."""

import numpy as np

from zerotap.firmware.simulation.simulator import Run
from zerotap.firmware.simulation.transform_board import BoardChain

NONE, RESULT = Run(100, 8, waits=25), Run(1000, 8, waits=100)


class Waiting(BoardChain):
    """A board that gives a result at every fifth of so many steps, and notes how many it is asked for."""

    def __init__(self, results: int = 5) -> None:
        self._waiting, self._results, self.counted = object(), results, []

    def steps(self, count: int) -> list:
        here = [at % self._results == self._results - 1 for at in range(count)]
        return [([np.zeros(1)], [RESULT]) if gives else ([], [NONE]) for gives in here]

    def _steps(self, _board, inputs) -> list:
        self.counted.append(len(inputs))
        return self.steps(len(inputs))

    def waited(self, count: int) -> list[int]:
        whole = [(given, Run.of(calls)) for given, calls in self.steps(count)]
        return self._board_cycles(self._waiting, range(count), whole)


def test_waits_are_counted_up_to_the_first_result_and_then_told_by_kind():
    board = Waiting()
    assert board.waited(12) == [125, 125, 125, 125, 1100, 125, 125, 125, 125, 1100, 125, 125]
    assert board.counted == [5]


def test_a_rate_is_told_once_a_kind_however_long_a_recording_is(monkeypatch):
    """Once a step it took minutes where the one result comes at the end of 12,800 packets."""
    from zerotap.firmware.simulation import transform_board

    asked, rate = [], transform_board._rate
    monkeypatch.setattr(transform_board, "_rate", lambda *given: asked.append(given[2]) or rate(*given))
    assert Waiting(100).waited(300) == ([125] * 99 + [1100]) * 3
    assert sorted(asked) == [False, True]
