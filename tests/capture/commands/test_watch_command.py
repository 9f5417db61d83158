"""Seen while it records: `watch` and the live view of `record`, on a real terminal and without one."""

import codecs
import json
import os
import re
import select
import signal
import subprocess
import sys
import termios
import time

import pytest
from click.testing import CliRunner

from zerotap.capture import Dataset, Packet, generate_corpus, type_corpus
from zerotap.capture.commands.live import LabelTimes, live_text
from zerotap.capture.commands.seen import seen_lines, sparkline
from zerotap.capture.commands.viewers import Rows
from zerotap.capture.session.session import Plan, Status
from zerotap.cli import cli
from zerotap.errors import CaptureError

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def run(*arguments):
    return CliRunner().invoke(cli, [str(a) for a in arguments])


class Terminal:
    """A command on a pseudo-terminal of 100 columns; what it draws, and keys for it."""

    def __init__(self, *arguments):
        self._controller, self._terminal = os.openpty()
        termios.tcsetwinsize(self._terminal, (40, 100))
        self.before = termios.tcgetattr(self._terminal)
        environment = {**os.environ, "TERM": "xterm-256color"}
        command = [sys.executable, "-m", "zerotap", *map(str, arguments)]
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), self._terminal)
        self.process = subprocess.Popen(command, env=environment, start_new_session=True, **streams)
        self._decoder = codecs.getincrementaldecoder("utf-8")()  # a read may end within a character
        self.raw = ""

    def read_until(self, said, timeout_s=40):
        until_s = time.monotonic() + timeout_s
        while not re.search(said, self.text):
            assert time.monotonic() < until_s, self.text
            self._read()
        return self.text

    def _read(self):
        if select.select([self._controller], [], [], 0.1)[0]:
            self.raw += self._decoder.decode(os.read(self._controller, 65536))

    @property
    def text(self):
        return ESCAPES.sub("", self.raw)

    def press(self, keys):
        os.write(self._controller, keys.encode())

    def interrupt(self):
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self):
        until_s = time.monotonic() + 40
        while self.process.poll() is None and time.monotonic() < until_s:
            self._read()
        self._read()
        is_restored = termios.tcgetattr(self._terminal) == self.before
        os.close(self._controller)
        os.close(self._terminal)
        return self.process.returncode, is_restored


def test_a_sensor_on_a_terminal_is_seen_while_it_records(tmp_path):
    arguments = ("--label", "idle", "--label", "walk", "--dataset", tmp_path / "d", "--seconds", "30")
    terminal = Terminal("record", "virtual:sensor@200", *arguments)
    terminal.read_until(r"idle: \d+ packets, \d+ bytes, \d+/s, \d+\.\d of 30 s, 0 gaps")
    terminal.read_until(r"\d+ samples/s")
    terminal.read_until(r"channel_0 +-?\d+  [▁▂▃▄▅▆▇█]{8}")
    terminal.press("2")
    terminal.read_until(r"labels: idle \d+\.\d s, walk \d+\.\d s")
    terminal.interrupt()
    assert terminal.end() == (0, True)
    assert {entry.label for entry in Dataset.open(tmp_path / "d").entries()} == {"idle", "walk"}


@pytest.mark.parametrize(("asked", "is_shown"), [([], False), (["--typed"], True)])
def test_what_is_typed_is_seen_only_where_it_is_asked_for(tmp_path, asked, is_shown):
    arguments = ("--label", "a", "--dataset", tmp_path / "d", "--packets", "12")
    terminal = Terminal("record", "virtual:keyboard", *arguments, *asked)
    terminal.read_until(r"\d+ of 12 packets")
    assert terminal.end() == (0, True)
    assert ("last report: " in terminal.text) == is_shown


def test_watching_on_a_terminal_marks_what_changes_and_ctrl_c_ends_it():
    terminal = Terminal("watch", "virtual:sensor@100")
    text = terminal.read_until(r"0x83 +\d+ +[1-9]\d+ +\d+ +a5 5a")
    terminal.read_until(r"channel_0 +-?\d+  [▁▂▃▄▅▆▇█]{8}")
    assert re.search(r"\x1b\[1;7m[0-9a-f]{2}\x1b\[0m", terminal.raw) and "data" in text
    terminal.interrupt()
    assert terminal.end() == (0, True)
    assert "Traceback" not in terminal.text and "\x1b[?25h" in terminal.raw.split("\x1b[?25l")[-1]


def test_watching_without_a_terminal_is_a_line_a_packet():
    result = run("watch", "virtual:reports@200", "--seconds", "0.3")
    lines = result.stdout.splitlines()
    assert result.exit_code == 0 and len(lines) > 5 and "\x1b" not in result.stdout
    assert re.fullmatch(r"   0\.000000  0x81   64  ( [0-9a-f]{2} ){63} [0-9a-f]{2}", lines[0])
    assert "[" in lines[1]


def test_a_file_comes_at_once_and_what_was_typed_is_hidden(tmp_path):
    (entry, *_) = type_corpus(generate_corpus(2), tmp_path / "d").entries()
    began_s = time.monotonic()
    hidden, shown = run("watch", entry.path), run("watch", entry.path, "--typed")
    assert time.monotonic() - began_s < 5
    assert len(hidden.stdout.splitlines()) == len(shown.stdout.splitlines()) > 20
    data = [line[29:] for line in hidden.stdout.splitlines()]
    assert set("".join(data)) <= set(" .[]") and "--typed shows them" in hidden.stderr
    assert "[0" in shown.stdout and "--typed" not in shown.stderr
    rows = [json.loads(line) for line in run("watch", entry.path, "--json").stdout.splitlines()]
    assert len(rows) == len(data) and {row["data"] for row in rows} == {None} and rows[1]["changed"]
    rows = [json.loads(line) for line in run("watch", entry.path, "--json", "--typed").stdout.splitlines()]
    assert {len(row["data"]) for row in rows} == {16} and rows[0]["seconds"] == 0


def test_a_pipe_is_a_file(tmp_path):
    (entry, *_) = type_corpus(generate_corpus(2), tmp_path / "d").entries()
    command = [sys.executable, "-m", "zerotap", "watch"]
    piped = subprocess.run([*command, "/dev/stdin"], input=entry.path.read_bytes(), capture_output=True)
    assert piped.returncode == 0, piped.stderr
    assert piped.stdout.decode() == run("watch", entry.path).stdout


def test_values_are_of_each_stream_by_itself():
    viewer = Rows(None, hidden=True)
    for n in range(9):
        viewer.take("1.2.1", Packet(n * 10**7, 0x81, f"{n},{9 - n}\n".encode()))
        viewer.take("1.3.1", Packet(n * 10**7, 0x81, f"{n * n}\n".encode()))
    lines = viewer.value_lines()
    assert [line for line in lines if line[0] != " "] == ["1.2.1", "1.3.1"]
    assert [line.split()[-1] for line in lines[2:4]] == ["▁▂▃▄▅▅▆▇█", "█▇▆▅▅▄▃▂▁"]


def test_faults_are_one_sentence(tmp_path):
    (tmp_path / "no.pcap").write_bytes(b"nothing")
    result = run("watch", tmp_path / "no.pcap")
    assert isinstance(result.exception, CaptureError) and "no.pcap" in str(result.exception)
    assert isinstance(run("watch", "virtual:nothing").exception, CaptureError)
    assert run("watch", tmp_path / "no.pcap", "--yes").exit_code == 2
    assert run("watch", tmp_path / "no.pcap", "--no-reset").exit_code == 2
    assert "gone.pcap is no file, and no USB device" in str(run("watch", tmp_path / "gone.pcap").exception)
    assert str(run("watch", "/dev/tty").exception).endswith("a serial port is serial:/dev/tty")
    assert run("watch", "virtual:sensor", "--device", "1.2").exit_code == 2


def test_the_sparkline_and_the_last_report():
    assert sparkline([0, 1, 2, 7]) == "▁▂▃█" and sparkline([3.5, 3.5]) == "▁▁"
    report = [Packet(1, 0x81, bytes(range(20)))]
    assert seen_lines(report, hidden=False) == [
        "  last report: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f ... (20 bytes)"
    ]
    assert seen_lines(report, hidden=True) == [] == seen_lines([], hidden=False)
    text = [Packet(n * 10**7, 0x82, f"{n},{9 - n}\n".encode()) for n in range(9)]
    values = [line.split()[-1] for line in seen_lines(text, hidden=True)[-2:]]
    assert values == ["▁▂▃▄▅▅▆▇█", "█▇▆▅▅▄▃▂▁"]  # the first line shows to be whole


def test_labels_add_up_over_recordings():
    times = LabelTimes()
    for seconds, label in ((0.5, "a"), (1.0, "a"), (0.25, "b"), (0.5, "b"), (0.5, "a")):
        times.take(Status(1, 8, 1.0, seconds, label, 0, Plan(("a", "b"))))
    assert times.lines() == ["  labels: a 1.0 s, b 0.5 s"]
    assert "3.0 s," in live_text(Status(1, 8, 1.0, 3.0, "a", 0, Plan(("a",))))
