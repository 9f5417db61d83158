"""The words of two positions hold every window of a line, what lies outside of the input included."""

import numpy as np
import pytest

from zerotap.firmware.operators.parts.window_positions import Line
from zerotap.firmware.operators.straight.packing import Pairing


def drawn_pairing(rng: np.random.Generator) -> Pairing:
    taps, channels, stride = (int(rng.integers(1, most)) for most in (6, 6, 3))
    padding = int(rng.integers(0, taps))
    length = int(rng.integers(taps, 20))
    positions = (length + 2 * padding - taps) // stride + 1
    apart = max(positions // 2, 1)
    every = int(rng.integers(1, 3))
    count = max((positions - 1 - apart) // every + 1, 1)
    return Pairing(Line(length, channels, taps, stride, padding, positions), apart, every, count)


@pytest.mark.parametrize("seed", range(40))
def test_a_turn_finds_both_windows_behind_one_another(seed):
    rng = np.random.default_rng(seed)
    pairing = drawn_pairing(rng)
    line, fill = pairing.line, -5
    data = rng.integers(-128, 128, line.length * line.channels)
    packed = np.concatenate([packed_piece(piece, data, fill) for piece in pairing.pieces()])
    assert packed.size == pairing.words == pairing.scratch_bytes // 4
    margin = 2 * line.kernel * line.channels + pairing.words
    padded = np.pad(data, margin, constant_values=fill)
    size = line.kernel * line.channels
    for turn in range(pairing.count):
        first = turn * pairing.every
        both = [
            padded[margin + (at * line.stride - line.padding) * line.channels :][:size]
            for at in (first, first + pairing.apart)
        ]
        got = packed[turn * pairing.step :][:size]
        assert np.array_equal(got, both[0] + (both[1] << 16))


def packed_piece(piece, data: np.ndarray, fill: int) -> np.ndarray:
    """What zerotap_pack_pairs makes of it, held to the ends of the input."""
    rows = []
    for place in (piece.first, piece.second):
        row = np.full(piece.count, fill) if place is None else data[place : place + piece.count]
        assert row.size == piece.count, "reads beyond the input"
        rows.append(row)
    return rows[0] + (rows[1] << 16)


def test_inputs_between_turns_are_left_out_where_all_begin_at_whole_words():
    pointwise = Pairing(Line(64, 8, 1, 1, 0, 64), 1, 2, 32)
    assert pointwise.is_in_blocks and (pointwise.words, pointwise.step) == (256, 8)
    assert not Pairing(Line(64, 6, 1, 1, 0, 64), 1, 2, 32).is_in_blocks
    assert not Pairing(Line(64, 8, 2, 1, 0, 63), 1, 2, 31).is_in_blocks
