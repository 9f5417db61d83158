"""Live: answers are those of the whole recording, texts end where they end, and every fault is a sentence."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import tty
from contextlib import suppress
from importlib import resources

import numpy as np
import pytest
from live_models import MOVED, WORDS, label_table, moved_forest, text_table

from zerotap import cli
from zerotap.capture import (
    DeviceIdentity,
    Event,
    Packet,
    PcapngWriter,
    Recording,
    Stop,
    Typist,
    encode_frames,
)
from zerotap.capture.signals import STOPPING, WITH_A_DEVICE
from zerotap.capture.sources import serial_port
from zerotap.capture.sources.movements import movement_samples
from zerotap.errors import CaptureError, ModelError
from zerotap.features import bags, read_integer_model
from zerotap.firmware import DEFAULTS, ClassCode
from zerotap.firmware.artefacts.class_scores import ClassScores
from zerotap.firmware.library.percents import percent_of
from zerotap.models import Facts, reading_of
from zerotap.workflow import classify
from zerotap.workflow.board_lines import LINE_BYTES, BoardLines
from zerotap.workflow.live import Live, Speaker

KEYS = DeviceIdentity(0x1209, 1, 1, 2, product="Keys")
START_NS = 1_700_000_000 * 10**9
FAST = "@10000"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    makers = {"text": text_table, "labels": label_table, "moved": moved_forest}
    return {name: make(folder / name) for name, make in makers.items()}


def typed(*texts: str) -> list[Packet]:
    """The reports of texts, one behind the other."""
    packets: list[Packet] = []
    for text in texts:
        at_ns = packets[-1].timestamp_ns + 100_000_000 if packets else START_NS
        packets += [Packet(at_ns + report.offset_ns, 0x81, report.data) for report in Typist().type(text, 0)]
    return packets


def moved(name: str, count: int) -> list[Packet]:
    sent = encode_frames(movement_samples(name, 100.0)[:count])
    return [Packet(START_NS + n * 10_000_000, 0x83, sent[n * 11 : (n + 1) * 11]) for n in range(count)]


def written(path, packets, device=KEYS):
    with PcapngWriter(path, device) as writer:
        for packet in packets:
            writer.write(packet)
    return path


def replayed(model, path, **changes):
    answers = []
    done = classify(model, f"replay:{path}{FAST}", answers.append, **changes)
    assert done.answers == len(answers)
    return answers


def scores_of(model, pipeline, packets, file):
    """What the model's own form gives of a whole recording."""
    windows = pipeline.transform([(Recording.from_packets(packets, KEYS), 0)])
    rows = bags(windows).x if pipeline.gives_ids else windows.x.reshape(len(windows), -1)
    return read_integer_model(model / file).scores(rows.astype(np.int32))


def test_windows_of_a_sensor_have_the_scores_of_the_whole_recording(models, tmp_path):
    packets = moved("shake", 90)
    path = written(tmp_path / "a.pcapng", packets, DeviceIdentity(0x2341, 0x804F, 1, 2))
    answers = replayed(models["moved"], path)
    expected = scores_of(models["moved"], MOVED, packets, "forest.npz")
    assert [answer.scores for answer in answers] == list(map(tuple, expected.tolist()))
    assert [answer.label for answer in answers] == [("calm", "tense")[row.argmax()] for row in expected]
    whole = round(1 / read_integer_model(models["moved"] / "forest.npz").scale)
    shares = (200 * expected.max(axis=1) + whole) // (2 * whole)
    assert [answer.percent for answer in answers] == shares.tolist()
    first, second = answers[:2]
    assert (first.packets, second.packets, first.time_s) == (16, 20, 0.15)
    assert first.rate_hz == pytest.approx(100) and first.latency_ms >= 0


def test_return_ends_a_text_and_the_end_of_the_stream_another(models, tmp_path):
    texts = ("the quick brown fox\n", "is lazy\n", "over and out")
    answers = replayed(models["text"], written(tmp_path / "a.pcapng", typed(*texts)), idle_s=0)
    each = [scores_of(models["text"], WORDS, typed(text), "table.npz")[0].tolist() for text in texts]
    assert [list(answer.scores) for answer in answers] == each
    assert [answer.label for answer in answers] == [("calm", "tense")[np.argmax(row)] for row in each]
    assert [answer.percent for answer in answers] == [None] * 3  # margins are no probabilities
    assert answers[-1].latency_ms is None and answers[0].latency_ms is not None


def test_every_label_that_reaches_its_threshold_applies(models, tmp_path):
    answers = replayed(models["labels"], written(tmp_path / "a.pcapng", typed("over and out\n")), idle_s=0)
    (scores,) = scores_of(models["labels"], WORDS, typed("over and out\n"), "table.npz").tolist()
    most = read_integer_model(models["labels"] / "table.npz").bias.max()
    assert list(answers[0].scores) == scores
    least = np.array([-most, most], np.float32)
    applies = [name for name, on in zip(("loud", "rude"), np.array(scores) >= least, strict=True) if on]
    assert [answer.label for answer in answers] == ["+".join(applies) or "none"] and applies


class Clock:
    """As much of a source as Live looks at; its time is that of the latest packet, and a bit."""

    identity = KEYS

    def __init__(self):
        self.now_ns = START_NS

    def clock_ns(self):
        return self.now_ns


def test_a_pause_that_never_is_long_enough_ends_no_text(models):
    live, source, answers = live_of(models["text"], idle_s=1e300)
    for packet in typed("over and out"):
        live.take("0x81", packet)
    source.now_ns += 10**15
    live.tick()
    assert not answers


def live_of(model, idle_s=2.0):
    source, answers = Clock(), []
    return Live(Speaker.of(model, DEFAULTS), source, answers.append, idle_s), source, answers


def test_a_pause_ends_a_text_once_and_released_keys_begin_none(models):
    live, source, answers = live_of(models["text"])
    for packet in typed("over and out"):
        live.take("0x81", packet)
        source.now_ns = packet.timestamp_ns
        live.tick()
    assert not answers
    for _ in range(2):
        source.now_ns += 1_999_000_000
        live.tick()
    live.take("0x81", Packet(source.now_ns, 0x81, bytes(8)))
    source.now_ns += 9_000_000_000
    live.tick()
    live.end()
    assert len(answers) == 1 and answers[0].latency_ms is None


def test_no_window_crosses_a_gap(models):
    live, _, answers = live_of(models["moved"])
    packets = moved("tap", 60)
    for packet in packets[:30]:
        live.take("0x83", packet)
    live.note(Event(START_NS, "failed"))
    live.note(Event(START_NS, "gap"))
    for packet in packets[40:]:
        live.take("0x83", packet)
    live.end()
    parts = [scores_of(models["moved"], MOVED, part, "forest.npz") for part in (packets[:30], packets[40:])]
    assert [list(answer.scores) for answer in answers] == np.concatenate(parts).tolist()


def test_what_sends_nothing_that_the_model_takes_is_told(models, tmp_path):
    path = written(tmp_path / "a.pcapng", [Packet(START_NS, 0x81, b"xyz")])
    with pytest.raises(CaptureError, match=r"none of its 1 packets holds reports of 8 bytes, which .*text"):
        replayed(models["text"], path)
    with pytest.raises(ModelError, match="no model"):
        replayed(tmp_path, path)


class PortBoard:
    """A pseudo-terminal that says lines again and again until it is pulled out."""

    def __init__(self, path, said: bytes):
        self.path, self._said, self._ended = path, said, threading.Event()
        self._ends = os.openpty()
        tty.setraw(self._ends[1])
        os.set_blocking(self._ends[0], False)
        path.symlink_to(os.ttyname(self._ends[1]))
        self._thread = threading.Thread(target=self._say)
        self._thread.start()

    def _say(self):
        while not self._ended.wait(0.02):
            with suppress(OSError):
                os.write(self._ends[0], self._said)

    def unplug(self):
        self._ended.set()
        self._thread.join()
        self.path.unlink(missing_ok=True)
        for end in self._ends:
            with suppress(OSError):
                os.close(end)


@pytest.fixture
def board(tmp_path):
    made = []

    def plug(said: bytes) -> PortBoard:
        made.append(PortBoard(tmp_path / f"tty{len(made)}", said))
        return made[-1]

    yield plug
    for each in made:
        if not each._ended.is_set():
            each.unplug()


def test_a_board_that_classifies_by_itself_is_read(models, board):
    port = board(b"gap\r\nmoved: tense 93 %\r\nmoved: calm\r\n")
    answers = []
    done = classify(models["moved"], f"board:{port.path}", answers.append, seconds=0.5)
    assert done.answers == len(answers) >= 4
    assert {(answer.label, answer.percent) for answer in answers} == {("tense", 93), ("calm", None)}
    assert answers[-1].scores is None and answers[-1].rate_hz > 0
    other = board(b"hello: world\r\n")
    with pytest.raises(CaptureError, match=r"none of its .* lines names a class of .*moved: flash Classify"):
        classify(models["moved"], f"board:{other.path}", answers.append, seconds=0.3)


def test_a_label_is_read_as_the_sketch_has_to_say_it():
    """Its line is one line, and has an end: line.h."""
    long, answers = "ü" * 60, []
    lone = BoardLines(("two\nlines", "two", long), answers.append)
    lone.take("", Packet(START_NS, 0x83, f"m: {long}".encode()[:96] + b"\r\nm: two 5\r\nm: tw\r\n"))
    lone.take("", Packet(START_NS, 0x83, b"m: two lines 7 %\r\n"))
    assert [(answer.label, answer.percent) for answer in answers] == [(long, None), ("two\nlines", 7)]
    several = BoardLines(("a", "other"), answers.append)
    assert several.said(" a 7 % oth", is_cut=True) == {"a": 7, "other": None}
    assert several.said(" a 7", is_cut=True) == several.said(" a", is_cut=True) == {"a": None}
    assert several.said(" a 7 % x", is_cut=True) is None and several.said(" a 7") is None
    header = resources.files("zerotap.firmware.library") / "arduino/examples/line.h"
    assert f"LINE_BYTES = {LINE_BYTES};" in header.read_text()


def test_a_first_line_that_was_cut_and_gaps_are_no_other_sketch(models, board):
    port = board(b"gap\r\n")
    assert classify(models["moved"], f"board:{port.path}", print, seconds=0.3).answers == 0
    lines = BoardLines(("calm", "tense"), print)
    lines.take("", Packet(START_NS, 0x83, b"nse 93 %\r\ngap\r\nmoved: te"))
    assert (lines.lines, lines.answers) == (0, 0)
    lines.take("", Packet(START_NS, 0x83, b"nse\r\nhello\r\n"))
    assert (lines.lines, lines.answers) == (2, 1)


def test_who_stops_it_before_anything_came_is_told_what_did(models, board):
    port, stop = board(b"hello\r\n" * 5), Stop()
    answers = []
    threading.Timer(0.3, lambda: setattr(stop, "requested", True)).start()
    done = classify(models["moved"], f"board:{port.path}", answers.append, stop=stop)
    assert not answers and "names a class of" in done.problem
    with pytest.raises(CaptureError, match="none of its"):
        classify(models["moved"], f"board:{port.path}", answers.append, seconds=0.1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("stage", ["Speaker.of", "find_source", "watch_source"])
def test_a_signal_before_it_listens_ends_the_command_by_its_number(models, monkeypatch, stage, number):
    def ended(*_arguments):
        signal.raise_signal(number)

    before = {each: signal.getsignal(each) for each in (*STOPPING, *WITH_A_DEVICE)}
    monkeypatch.setattr(f"zerotap.workflow.classifying.{stage}", ended)
    monkeypatch.setattr(sys, "argv", ["zerotap", "classify", str(models["moved"]), "virtual:sensor"])
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")  # descriptor 2 stays
    try:
        with pytest.raises(SystemExit) as end:
            cli.main()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    assert end.value.code == 128 + number


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" loud 7 % rude 100 %", {"loud": 7, "rude": 100}),
        (" very loud", {"very loud": None}),
        (" very loud 3 %", {"very loud": 3}),
        ("", {}),
        (" quiet", None),
        (" loud 7 %x", None),
        (" louder", None),
    ],
)
def test_lines_of_a_board(text, said):
    assert BoardLines(("loud", "rude", "very loud"), print).said(text) == said


def test_a_device_that_is_pulled_out_is_one_sentence(models, board, monkeypatch):
    monkeypatch.setattr(serial_port, "RECONNECT_S", 0.3)
    frames = encode_frames(np.zeros((4, 3), np.int16))
    port = board(frames)

    def pull(_answer):
        if port.path.exists():
            port.unplug()

    with pytest.raises(CaptureError, match="the device was unplugged: plug it in and begin again"):
        classify(models["moved"], f"serial:{port.path}", pull, seconds=20)


def command(*arguments):
    line = [sys.executable, "-m", "zerotap", "classify", *map(str, arguments)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(line, start_new_session=True, **streams)


def test_the_command_says_a_line_an_answer_and_ctrl_c_ends_it(models):
    """A person's lines of one process, JSON of another: both run at once."""
    told = command(models["moved"], "virtual:sensor/shake@200")
    as_json = command(models["moved"], "virtual:sensor/shake@200", "--json", "--quiet")
    first = [process.stdout.readline() for process in (told, as_json)]
    for process in (told, as_json):
        os.killpg(process.pid, signal.SIGINT)
    said, errors = told.communicate(timeout=30)
    assert told.returncode == 0, errors
    assert all(word in first[0] + said for word in ("%", "/s", " ms")) and "answers: " in errors
    said, errors = as_json.communicate(timeout=30)
    assert (as_json.returncode, errors) == (0, "")
    for line in (first[1] + said).splitlines():
        answer = json.loads(line)
        assert answer["label"] in ("calm", "tense") and len(answer["scores"]) == 2


def test_on_a_terminal_answers_that_repeat_are_left_out(capsys):
    from zerotap.firmware.commands.classify import Shown
    from zerotap.workflow import Answer

    shown = Shown(as_json=False, is_terminal=True)
    for label in ("a", "a", "b", "b", "a"):
        shown(Answer(0.0, label, {"x": 3, "y": 97}, (1, 2), 3, 4.0, None))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[2] for line in lines] == ["a", "b", "a"]
    assert "x 3 %, y 97 %" in lines[0] and not lines[0].endswith("ms")
    time.sleep(0.11)
    shown(Answer(0.0, "a", None, None, 3, 4.0, 1.25))
    assert capsys.readouterr().out.endswith("1.2 ms\n")


@pytest.mark.parametrize("outputs", [1, 2])
def test_how_sure_a_class_is_comes_to_a_hundred(models, outputs):
    """Of one output what is not its class is the other."""
    facts = {"head": "binary", "labels": ("tense",), "thresholds": (0.0,)} if outputs == 1 else {}
    known = Facts("x", ("calm", "tense"), True, 0, 0, 1, "", **facts)
    scores = ClassScores(outputs, "logits", 0.1, -3)
    percent = percent_of(scores, are_named=True, are_labels=outputs == 1)
    classes = ClassCode(scores, known.labels or known.classes, percent)
    speaker = Speaker(None, None, reading_of(known), (0.1, -3), classes)
    for code in (-128, -4, -3, 30, 127):
        given = np.array([code] if outputs == 1 else [-code // 2, code // 2], np.int8)
        label, sure = speaker.say(given)
        real = 0.1 * (code + 3 if outputs == 1 else int(given[1]) - int(given[0]))
        chance = 100 / (1 + np.exp(-abs(real)))
        assert label == ("tense" if real >= (0 if outputs == 1 else 1e-9) else "calm")
        assert abs(sure - chance) <= 0.6
