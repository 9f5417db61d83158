"""What samples by itself, on the simulated board: Classify of analog inputs, and SensorRecorder."""

from collections.abc import Callable

import numpy as np
import pytest
from sketch_lines import lines

from zerotap.capture import Packet, Recording, frame_recording
from zerotap.firmware.simulation.board import Board as SimulatedBoard

RATE_HZ = 100
INPUTS = ("A1", "A2", "A3")
SAMPLES = np.random.default_rng(6).integers(0, 4096, (30, 3))


@pytest.fixture
def sampling(boot: Callable[..., SimulatedBoard]) -> Callable[[str], SimulatedBoard]:
    """A board with SAMPLES on its inputs, each in the middle of its period."""

    def begun(sketch: str) -> SimulatedBoard:
        board = boot("motion", sketch)
        assert board.run_until(lambda: board.uart.is_open, seconds=1)
        for name, column in zip(INPUTS, SAMPLES.T, strict=True):
            board.channels.play(name, column.tolist(), RATE_HZ, board.seconds - 0.005)
        return board

    return begun


def test_classify_says_the_oracle_s_classes_of_its_inputs(sampling, exported, labels) -> None:
    one, board = exported("motion"), sampling("Classify")
    board.run_until(seconds=0.2 - 0.002)
    given = board.uart.take().decode().splitlines()
    expected = lines(one, one.scores(SAMPLES[:20].astype(np.int16)), labels)
    assert given == expected[: len(given)] and len(given) >= len(expected) - 1


def test_the_recorder_s_frames_hold_what_was_on_the_inputs(sampling) -> None:
    board = sampling("SensorRecorder")
    board.run_until(seconds=0.25)
    stream = frame_recording(Recording.from_packets([Packet(0, 0x82, board.uart.received)]))
    assert (stream.kind, stream.lost_frames, stream.dropped_bytes) == ("binary", 0, 0)
    assert len(stream.values) in (24, 25)
    assert np.array_equal(stream.values, SAMPLES[: len(stream.values)])
