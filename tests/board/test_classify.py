"""Classify on the simulated board: samples of its own inputs or as frames, and what it says of them."""

import numpy as np
import pytest
from sketch_lines import lines

from zerotap.capture.sensors.binary_frames import encode_frames
from zerotap.firmware.simulation.board import Board as SimulatedBoard

LED = "PB08"


@pytest.fixture
def by_frames(images, edited) -> SimulatedBoard:
    folder = edited("motion", "Classify", {"#define FROM_FRAMES 0": "#define FROM_FRAMES 1"})
    board = SimulatedBoard(images.image("motion", folder))
    assert board.run_until(lambda: board.uart.is_open, seconds=1)
    return board


def said(board: SimulatedBoard, sent: bytes) -> list[str]:
    """What the sketch says of bytes."""
    board.uart.send(sent)
    board.run_until(seconds=len(sent) / 11_000 + 0.03)
    return board.uart.take().decode().splitlines()


def test_frames_give_the_oracle_s_classes(by_frames, exported, labels) -> None:
    one = exported("motion")
    items = one.pipeline.draw(20, seed=2)
    scores = one.scores(items)
    # A pause between frames as the recordings have: lines are longer than samples.
    given = [line for at in range(20) for line in said(by_frames, encode_frames(items[at : at + 1], at))]
    assert given == lines(one, scores, labels)
    assert by_frames.pins.outputs.get(LED, False) == (np.argmax(scores[-1]) == 2)
    assert len(set(given)) > 2


def test_a_gap_begins_anew_and_a_damaged_frame_is_one(by_frames, exported, labels) -> None:
    one = exported("motion")
    items, size = one.pipeline.draw(10, seed=3), 4 + 2 * 3 + 1
    sent = bytearray(encode_frames(items, first_sequence=250))
    sent[5 * size + 6] ^= 0x40
    given = said(by_frames, bytes(sent[: 5 * size])) + said(by_frames, bytes(sent[5 * size :]))
    before, after = (lines(one, one.scores(part), labels) for part in (items[:5], items[6:]))
    assert given == [*before, "gap", *after]
