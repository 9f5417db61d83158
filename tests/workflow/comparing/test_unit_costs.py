"""Costs of a message, a window and a packet, from what was pushed."""

from types import SimpleNamespace

import numpy as np
import pytest

from zerotap.firmware import MKR_ZERO, PushCost
from zerotap.workflow.comparing.unit_costs import drawn_recordings, per_packet, per_unit

ONE = PushCost((10, 20, 100, 30, 200, 5), (0, 0, 1, 0, 1, 0), (12, 24, 120, 36, 240, 6))
TWO = PushCost((10, 400, 7), (0, 2, 1), (12, 500, 8))


def test_a_message_is_all_of_its_packets_and_its_end() -> None:
    cost = per_unit([[ONE], [TWO, TWO]], "message", MKR_ZERO)
    assert (cost.unit, cost.recordings) == ("message", 2)
    assert (cost.cycles_mean, cost.cycles_max) == ((365 + 834) / 2, 834)
    assert (cost.board_cycles_mean, cost.board_cycles_max) == ((438 + 1040) / 2, 1040)
    assert cost.ms_max == pytest.approx(1040 / 48_000), "milliseconds are the board's"


def test_a_window_is_all_since_the_one_before_it() -> None:
    cost = per_unit([[ONE], [TWO]], "window", MKR_ZERO)
    assert (cost.cycles_mean, cost.cycles_max) == ((130 + 230 + 205 + 205 + 7) / 5, 230)
    assert (cost.board_cycles_mean, cost.board_cycles_max) == ((156 + 276 + 256 + 256 + 8) / 5, 276)


def test_of_recordings_too_short_for_a_window_all_counts() -> None:
    assert per_unit([[PushCost((3, 4, 5), (0, 0, 0), (4, 5, 6))]], "window", MKR_ZERO).cycles_max == 12


def test_the_end_of_a_recording_is_no_packet() -> None:
    cost = per_packet([[ONE], [TWO]], MKR_ZERO)
    assert (cost.cycles_mean, cost.cycles_max) == (770 / 7, 400)
    assert (cost.board_cycles_mean, cost.board_cycles_max) == (944 / 7, 500)
    assert cost.ms_max == pytest.approx(500 / 48_000)


@pytest.mark.parametrize(("count", "drawn"), [(3, 3), (16, 16), (500, 16)])
def test_recordings_are_drawn_over_the_lengths_the_longest_too(count: int, drawn: int) -> None:
    tested = [np.zeros(10 + (7 * n) % count) for n in range(count)]
    sides = SimpleNamespace(tested=lambda _: tested, unit="message")
    pieces = drawn_recordings(sides, SimpleNamespace(pieces=lambda one: [one]))
    lengths = [len(piece) for (piece,) in pieces]
    assert len(lengths) == drawn and lengths == sorted(lengths)
    assert (lengths[0], lengths[-1]) == (10, 9 + count)


def test_only_the_beginning_of_an_hour_of_samples_is_pushed() -> None:
    sides = SimpleNamespace(tested=lambda _: [np.zeros(100_000)], unit="window")
    ((piece,),) = drawn_recordings(sides, SimpleNamespace(pieces=lambda one: [one]))
    assert len(piece) == 4096
