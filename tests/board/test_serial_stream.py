"""SerialStream on the simulated board: every reply is the oracle's, and no bytes bring it out of step."""

from collections.abc import Callable

import numpy as np
import pytest

from zerotap.firmware.delivery.frames import Frame, FrameReader, Kind
from zerotap.firmware.delivery.messages import Identity, Result
from zerotap.firmware.simulation.board import Board as SimulatedBoard

CRC, LENGTH, KIND, TOO_LONG = (bytes([number]) for number in (1, 2, 3, 4))


class Host:
    """The host's end of the line."""

    def __init__(self, board: SimulatedBoard) -> None:
        self.board, self.reader = board, FrameReader()
        self.arrived: list[Frame] = []
        self.identity = Identity.decode(self.replies(b"")[0].payload)

    def replies(self, sent: bytes, seconds: float = 0.02) -> list[Frame]:
        """Send bytes, and give what comes back until nothing has for ``seconds``."""
        self.board.uart.send(sent)
        got: list[Frame] = []
        while new := self._new(seconds + self.board.uart.waiting / 11_000):
            got += new
        return got

    def _new(self, seconds: float) -> list[Frame]:
        new: list[Frame] = []

        def came() -> bool:
            new.extend(self.reader.feed(self.board.uart.take()))
            return bool(new)

        self.board.run_until(came, seconds=seconds)
        return new

    def ask(self, kind: Kind, payload: bytes = b"", sequence: int = 7) -> list[Frame]:
        """Give the replies to one request, up to the last one."""
        self.board.uart.send(Frame(kind, sequence, payload).encode())
        got: list[Frame] = []
        while not got or (got[-1].kind == Kind.SCORES and got[-1].payload[0]):
            new = self._new(seconds=1)
            assert new, "nothing came back"
            got += new
        assert {frame.sequence for frame in got} == {sequence}
        return got

    def scores(self, kind: Kind, payload: bytes = b"") -> list[list[int]]:
        """The results of a request; there is a NONE where there are none."""
        got = self.ask(kind, payload)
        if [frame.kind for frame in got] == [Kind.NONE]:
            return []
        assert all(frame.kind == Kind.SCORES for frame in got)
        results = [Result.decode(frame.payload, self.identity) for frame in got]
        assert [result.left for result in results] == [1] * (len(results) - 1) + [0]
        return [result.scores.tolist() for result in results]


@pytest.fixture
def host(boot: Callable[..., SimulatedBoard]) -> Callable[[str], Host]:
    return lambda name: Host(boot(name, "SerialStream"))


def test_it_says_who_it_is_at_once_and_when_asked(host, exported) -> None:
    line = host("motion")
    header = (exported("motion").folder / "src/motion.h").read_text()
    assert f'#define motion_BUILD "{line.identity.build}"' in header
    assert line.identity == Identity(4 * 12, 3, 4, 6, line.identity.build)
    assert line.ask(Kind.HELLO)[0].payload == line.identity.encode()


def test_windows_and_items_give_the_oracle_s_scores(host, exported) -> None:
    line, one = host("motion"), exported("motion")
    items = one.pipeline.draw(9, seed=3)
    windows = one.pipeline.apply(items).reshape(-1, 12).astype("<i4")
    assert [line.scores(Kind.WINDOW, window.tobytes()) for window in windows] == [
        [row] for row in one.model.scores(windows).tolist()
    ]
    given = [line.scores(Kind.ITEM, item.astype("<i2").tobytes()) for item in items]
    assert [row for rows in given for row in rows] == one.scores(items).tolist()
    assert [len(rows) for rows in given[:4]] == [0, 0, 0, 1]


def test_a_reset_begins_anew_and_a_flush_ends_a_recording(host, exported) -> None:
    line, one = host("keys"), exported("keys")
    items = one.pipeline.draw(11, seed=5)
    expected = one.scores(items).tolist()
    for _ in range(2):
        given = [row for item in items for row in line.scores(Kind.ITEM, item.tobytes())]
        assert given + line.scores(Kind.FLUSH) == expected
        assert line.scores(Kind.RESET) == []


def test_a_text_s_scores_come_with_the_flush(host, exported) -> None:
    line, one = host("notes"), exported("notes")
    assert line.identity.input_bytes == 0
    assert line.ask(Kind.WINDOW, bytes(4))[0] == Frame(Kind.ERROR, 7, KIND)
    items = one.pipeline.draw(60, seed=1)
    assert [line.scores(Kind.ITEM, item.tobytes()) for item in items] == [[]] * len(items)
    ids = one.pipeline.apply(items)[None]
    assert line.scores(Kind.FLUSH) == one.model.scores(ids).tolist()


def test_damage_is_answered_and_the_next_frame_is_found(host) -> None:
    line = host("motion")
    hello = Frame(Kind.HELLO, 8).encode()
    wrong = bytearray(Frame(Kind.ITEM, 9, b"abcdef").encode())
    wrong[-1] ^= 1
    inside = bytearray(Frame(Kind.ITEM, 9, b"ab" + b"\xa5\x5a" + b"ef").encode())
    inside[8] ^= 1
    answers = {
        bytes(wrong) + hello: [(Kind.ERROR, 9, CRC)],
        bytes(inside) + hello: [(Kind.ERROR, 9, CRC)],
        Frame(Kind.ITEM, 9, b"abc").encode() + hello: [(Kind.ERROR, 9, LENGTH)],
        Frame(Kind.HELLO, 9, b"abc").encode() + hello: [(Kind.ERROR, 9, LENGTH)],
        Frame(77, 9).encode() + hello: [(Kind.ERROR, 9, KIND)],
        Frame(Kind.ITEM, 9, bytes(60)).encode() + hello: [(Kind.ERROR, 9, TOO_LONG)],
        b"noise\xa5\xa5\xa5" + hello: [],
    }
    for sent, refused in answers.items():
        got = [(frame.kind, frame.sequence, frame.payload) for frame in line.replies(sent)]
        assert got == [*refused, (Kind.IDENTITY, 8, line.identity.encode())], sent


def test_a_frame_that_stays_unfinished_is_given_up(host) -> None:
    line = host("motion")
    assert line.replies(Frame(Kind.ITEM, 9, bytes(6)).encode()[:-3]) == []
    assert line.replies(b"", seconds=0.2) == [Frame(Kind.ERROR, 9, LENGTH)]
    assert line.replies(b"\xa5", seconds=0.2) == []
    assert line.ask(Kind.HELLO)[0].kind == Kind.IDENTITY


def test_any_bytes_leave_it_in_step(host) -> None:
    """Cuts and changes of a good stream: whatever comes, the next request is answered."""
    line, rng = host("motion"), np.random.default_rng(4)
    good = b"".join(Frame(Kind.ITEM, number, bytes(6)).encode() for number in range(4))
    for _ in range(6):
        bad = bytearray(good)
        for place in rng.integers(0, len(bad), 3):
            bad[place] = int(rng.integers(256))
        del bad[: rng.integers(20)]
        line.replies(bytes(bad), seconds=0.11)
        assert line.ask(Kind.HELLO, sequence=99)[-1].kind == Kind.IDENTITY
