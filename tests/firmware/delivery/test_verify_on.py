"""A test set through SerialStream: equality, figures, every fault one sentence and the port given back."""

import numpy as np
import pytest
import serial
from drawn_forests import drawn_forest
from drawn_tables import drawn_table

from zerotap.capture import DeviceIdentity, SerialPort
from zerotap.errors import BoardError, CaptureError, ModelError, NotExactError
from zerotap.features import PIPELINE_FILE, Pipeline, transforms, write_integer_model
from zerotap.firmware import open_artefact
from zerotap.firmware.delivery import board_session, links
from zerotap.firmware.delivery.board_verification import verify_on
from zerotap.firmware.delivery.frames import Frame, Kind
from zerotap.firmware.delivery.host_code import open_host_code
from zerotap.firmware.delivery.links import SerialLink
from zerotap.firmware.delivery.messages import Identity

BUILD = "0123abcd"
WINDOWS = Pipeline("bytes", (transforms.CountWindows(3, 2, 0.5),))
WORDS = Pipeline("words", (transforms.TypedWords(60),))
FOREST = Identity(96, 3, 4, 8, BUILD)
TABLE = Identity(0, 3, 4, 8, BUILD)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    made = {}
    models = {
        "forest": (drawn_forest(2, inputs=24, limits=(0, 60)), WINDOWS),
        "table": (drawn_table(3, by_root=True, bits=8, buckets=60), WORDS),
    }
    for name, (network, pipeline) in models.items():
        made[name] = tmp_path_factory.mktemp(name)
        write_integer_model(network, made[name])
        (made[name] / PIPELINE_FILE).write_text(pipeline.to_toml())
    return made


@pytest.fixture
def forest_board(folders, stream_board):
    model = open_artefact(folders["forest"]).planned.model

    def invoke(window: bytes):
        return model.scores(np.frombuffer(window, np.int32)[None])[0]

    return stream_board(FOREST, invoke, open_host_code(folders["forest"]))


def samples_of(folder, count=20):
    return open_artefact(folder).drawn(count, 1)


def verified(folder, board, samples=None, **changes):
    with SerialLink(str(board.path)) as link:
        return verify_on(folder, samples_of(folder) if samples is None else samples, link, **changes)


def is_given_back(board):
    """Whether the port can be opened alone again."""
    with serial.Serial(str(board.path), exclusive=True):
        return True


def test_windows_and_recordings_are_compared(folders, forest_board):
    recordings = [WINDOWS.draw(25, 1), WINDOWS.draw(12, 2)]
    seen = []
    report = verified(
        folders["forest"],
        forest_board,
        recordings=recordings,
        build=BUILD,
        on_progress=lambda *step: seen.append(step),
    )
    report.check("forest")
    told = report.to_json()
    assert (told["samples"], told["mismatches"], told["pushed"], told["pushed_mismatches"]) == (20, 0, 2, 0)
    assert told["pushed_results"] == sum(len(WINDOWS.apply(items)) for items in recordings)
    assert (told["build"], told["port"], told["oracle"]) == (
        BUILD,
        str(forest_board.path),
        "NumPy integer form",
    )
    assert told["us"] == {"p50": 250.0, "p90": 250.0, "p99": 250.0, "p100": 250.0}
    assert 0 < told["round_trip_ms"]["p50"] <= told["round_trip_ms"]["p100"]
    assert told["requests_per_second"] > 20
    assert seen[-1] == ("asking the board, item by item", 2, 2)
    assert is_given_back(forest_board)


def test_ids_go_there_key_by_key(folders, stream_board):
    board = stream_board(TABLE, code=open_host_code(folders["table"]))
    with pytest.raises(
        ModelError, match="takes ids as they come, not windows: give its folder and --dataset"
    ):
        verified(folders["table"], board)
    report = verified(folders["table"], board, recordings=[WORDS.draw(60, 3)])
    assert (report.samples, report.pushed_results, report.pushed_mismatches) == (0, 1, 0)


def test_a_difference_is_counted_and_the_first_is_told(folders, forest_board):
    samples = samples_of(folders["forest"])
    right = forest_board._invoke
    forest_board._invoke = lambda window: right(window) + (window in [s.tobytes() for s in samples[7:9]])
    report = verified(folders["forest"], forest_board, samples)
    assert report.mismatches == 2
    with pytest.raises(NotExactError, match=r"2 of 20 samples .*build 0123abcd.* sample 7: \[.*\] and not"):
        report.check("forest")


def test_a_result_that_is_missing_or_too_many_is_a_mismatch(folders, forest_board):
    push = forest_board._code.push
    for changed, said in (
        (lambda _: [], "nothing and not"),
        (lambda item: 2 * push(item), "and not nothing"),
    ):
        forest_board._code.push = changed
        report = verified(folders["forest"], forest_board, recordings=[WINDOWS.draw(9, 1)])
        with pytest.raises(NotExactError, match=f"results of NAME_push .*recording 0.*{said}"):
            report.check("forest")


def after(count, change):
    """Right for ``count`` requests, then by ``change``."""
    done = iter(range(count))

    def fault(request, replies):
        return (
            b"".join(r.encode() for r in replies)
            if next(done, None) is not None
            else change(request, replies)
        )

    return fault


def wrong_crc(_request, replies):
    sent = replies[0].encode()
    return sent[:-1] + bytes([sent[-1] ^ 1])


def wrong_sequence(request, replies):
    return Frame(replies[0].kind, (request.sequence + 1) % 256, replies[0].payload).encode()


FAULTS = {
    "damaged": (wrong_crc, "after 5 requests the board sent a damaged answer: see to the wires"),
    "sequence": (wrong_sequence, r"answered request \d+ and not \d+: another program talks to it"),
    "silent": (lambda *_: b"", "did not answer within 0.3 s: it hangs, or was reset"),
    "cut": (lambda _, replies: replies[0].encode()[:-3], "did not answer within 0.3 s"),
    "reset": (lambda *_: Frame(Kind.IDENTITY, 0, FOREST.encode()).encode(), "began anew: it was reset"),
    "gone": (lambda *_: None, "went away: the board was unplugged or reset; begin again"),
    "length": (
        lambda r, _: Frame(Kind.ERROR, r.sequence, b"\x02").encode(),
        r"4 times in a row that it did not take \(a frame's payload has",
    ),
    "refused": (
        lambda r, _: Frame(Kind.ERROR, r.sequence, b"\x03").encode(),
        "refuses WINDOW: the sketch does not",
    ),
    "kind": (
        lambda r, _: Frame(0x99, r.sequence).encode(),
        "answers by a frame of kind 0x99: flash the SerialS",
    ),
    "scores": (
        lambda r, _: Frame(Kind.SCORES, r.sequence, b"\0").encode(),
        "after 5 requests the board sent scores of 1 bytes and not 17",
    ),
    "damaged there": (
        lambda *_: Frame(Kind.ERROR, 0, b"\x01").encode(),
        r"4 times in a row that it did not take \(a frame came damaged",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_sentence_and_the_port_is_given_back(folders, forest_board, monkeypatch, name):
    change, said = FAULTS[name]
    monkeypatch.setattr(board_session, "REPLY_S", 0.3)
    forest_board.fault = after(5, change)
    with pytest.raises(BoardError, match=said) as told:
        verified(folders["forest"], forest_board)
    assert "\n" not in str(told.value)
    assert name == "gone" or is_given_back(forest_board)


def test_a_frame_that_comes_there_damaged_is_sent_again(folders, forest_board):
    def fault(request, replies):
        damages = forest_board.requests % 4 == 0
        return Frame(Kind.ERROR, 0, b"\x01").encode() if damages else b"".join(r.encode() for r in replies)

    forest_board.fault = fault
    report = verified(folders["forest"], forest_board)
    assert (report.mismatches, report.samples) == (0, 20) and report.resent >= 5


def test_another_board_sketch_or_build_is_told(folders, stream_board, monkeypatch):
    monkeypatch.setattr(board_session, "HELLO_S", 0.1)
    other = stream_board(Identity(95, 3, 4, 8, BUILD))
    with pytest.raises(BoardError, match="the board's model has 95 bytes of input, this one 96"):
        verified(folders["forest"], other)
    with pytest.raises(BoardError, match="has the build 0123abcd, the library is 89abcdef: flash that"):
        verified(folders["forest"], other, build="89abcdef")
    items = stream_board(Identity(96, 3, 4, 12, BUILD))
    with pytest.raises(BoardError, match="12 bytes of an item, this one 8"):
        verified(folders["forest"], items, recordings=[WINDOWS.draw(9, 1)])
    items._answers = lambda _: [(Kind.NONE, b"")]
    with pytest.raises(BoardError, match="sends something else, of another sketch: flash the SerialStream"):
        verified(folders["forest"], items)
    items._answers = lambda _: []
    with pytest.raises(
        BoardError, match=r"does not answer: flash the SerialStream .* or press the board's reset"
    ):
        verified(folders["forest"], items)
    assert is_given_back(items)
    with pytest.raises(CaptureError, match="there is no serial port"):
        SerialLink("/dev/ttyNONE")
    waiting = SerialPort(str(items.path), DeviceIdentity(0x2341, 0x004F, product="MKR Zero"))
    monkeypatch.setattr(links, "select_port", lambda _: waiting)
    with pytest.raises(
        BoardError, match=r"\(2341:004f MKR Zero\) waits in its bootloader: flash a sketch, or"
    ):
        SerialLink(str(items.path))


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (
            b"\x09" + FOREST.encode()[1:],
            r"the board speaks another protocol \(IDENTITY 09 .*flash its Serial",
        ),
        (b"", "the board speaks another protocol"),
        (FOREST.encode()[:5] + b"\x03" + FOREST.encode()[6:], "the board says that it gives 3 scores"),
    ],
)
def test_another_protocol_is_told_with_the_port_which_is_given_back(folders, stream_board, payload, said):
    board = stream_board(FOREST)
    board._answers = lambda _: [(Kind.IDENTITY, payload)]
    with pytest.raises(BoardError, match=f"{board.path}: {said}"):
        verified(folders["forest"], board)
    assert is_given_back(board)


def test_what_was_sent_before_does_not_hide_who_the_board_is(folders, forest_board):
    rest = Frame(Kind.SCORES, 3, bytes(5000)).encode()[:40]
    answers = forest_board._answers
    forest_board._answers = lambda request: (
        forest_board._write(rest) or answers(request) if request.kind == Kind.HELLO else answers(request)
    )
    report = verified(folders["forest"], forest_board)
    assert (report.mismatches, report.samples, report.resent) == (0, 20, 0)


def test_a_sketch_that_sends_whole_frames_without_end_is_told(folders, monkeypatch):
    monkeypatch.setattr(board_session, "HELLO_S", 0.1)
    recorder = EndlessFrames()
    with pytest.raises(BoardError, match="endless sends something else, of another sketch: flash the Serial"):
        verify_on(folders["forest"], samples_of(folders["forest"]), recorder)
    assert recorder.now_s() < 1.0


class EndlessFrames:
    """A link on which a whole frame comes every 10 ms, whatever was asked."""

    name = "endless"

    def __init__(self):
        self._now_s = 0.0

    def send(self, data):
        pass

    def receive(self, timeout_s):
        self._now_s += 0.01
        assert self._now_s < 10.0, "it listens for ever"
        return Frame(Kind.SCORES, 1, bytes(10)).encode()

    def now_s(self):
        return self._now_s

    def close(self):
        pass
