"""SerialStream over our core's own serial port on USB, at register level."""

import numpy as np
import pytest

from zerotap.firmware.delivery.frames import Frame, FrameReader, Kind
from zerotap.firmware.delivery.messages import Identity, Result
from zerotap.firmware.simulation.board import Board as SimulatedBoard

WINDOWS_A_SECOND = 500


@pytest.fixture(scope="module")
def board(images) -> SimulatedBoard:
    board = SimulatedBoard(images.image("keys", "SerialStream", port="port_usb.cpp"))
    assert board.run_until(lambda: board.usb.serial.is_open, seconds=1)
    return board


def replies(board: SimulatedBoard, requests: list[Frame], count: int | None = None) -> list[Frame]:
    """What comes back to requests that are sent without waiting: one each, or ``count``."""
    reader, got = FrameReader(), []
    board.usb.serial.send(b"".join(request.encode() for request in requests))

    def all_came() -> bool:
        got.extend(reader.feed(board.usb.serial.take()))
        return len(got) == (count or len(requests))

    assert board.run_until(all_came, seconds=1), got
    return got


def test_windows_come_back_as_the_oracle_s_scores_and_fast(board, exported) -> None:
    one = exported("keys")
    (who,) = replies(board, [Frame(Kind.HELLO, 1)])
    identity = Identity.decode(who.payload)
    windows = np.random.default_rng(0).integers(0, 256, (40, 72)).astype("<i4")
    assert identity.input_bytes == 4 * 72
    start = board.seconds
    got = replies(board, [Frame(Kind.WINDOW, number, row.tobytes()) for number, row in enumerate(windows)])
    per_second = len(windows) / (board.seconds - start)
    results = [Result.decode(frame.payload, identity) for frame in got]
    assert [frame.sequence for frame in got] == list(range(40))
    assert np.array_equal([result.scores for result in results], one.model.scores(windows))
    assert per_second > WINDOWS_A_SECOND, per_second


def test_damage_is_answered_and_the_next_frame_is_found(board) -> None:
    damaged = Frame(Kind.WINDOW, 2, bytes(range(256)) + bytes(32))
    sent = bytearray(damaged.encode())
    sent[100] ^= 1
    board.usb.serial.send(bytes(sent))
    (refused, who) = replies(board, [Frame(Kind.HELLO, 3)], 2)
    assert (refused, who.kind) == (Frame(Kind.ERROR, 2, b"\x01"), Kind.IDENTITY)
