"""`zerotap simulate`: what a sketch sends, what is typed and recorded, and how its end is told."""

import json
import signal
import struct
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from zerotap.capture import read_recordings
from zerotap.cli import cli
from zerotap.errors import BoardError, CaptureError, OutputError
from zerotap.firmware.board import BOARDS, MKR_ZERO
from zerotap.firmware.simulation.board import BoardFault, ImageError
from zerotap.firmware.simulation.board.sketch_run import run_sketch


def simulate(*arguments: object):
    return CliRunner().invoke(cli, ["simulate", *map(str, arguments)])


def test_what_is_typed_is_recorded_and_sent(keyboard_elf, tmp_path):
    files = {"--record": tmp_path / "keys.pcapng", "--uart": tmp_path / "out.txt"}
    done = simulate(
        keyboard_elf, "--type", "ok", *(word for pair in files.items() for word in pair), "--json"
    )
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    (recording,) = read_recordings(files["--record"])
    lines = files["--uart"].read_text().splitlines()
    assert [bytes.fromhex(line) for line in lines] == [packet.data for packet in recording.packets()]
    assert report["keyboard_reports"] == len(lines) == 4
    assert report["uart"].splitlines() == lines
    assert (report["keyboard_reports_left"], report["fault"], report["resets"]) == (0, None, 0)
    assert report["seconds"] == pytest.approx(report["cycles"] / MKR_ZERO.clock_hz, abs=1e-6)
    assert (recording.device.vendor_id, recording.device.product) == (0x1209, "Scripted keyboard")


def test_a_person_sees_figures_and_what_was_sent(keyboard_elf):
    done = simulate(keyboard_elf, "--type", "o", "--seconds", 2)
    assert "uart | 0000120000000000\n" in done.stdout
    assert "keyboard_reports      2\n" in done.stdout


def test_a_sketch_that_takes_nothing_is_told(keyboard_elf, tmp_path):
    done = simulate(keyboard_elf, "--type", "ok", "--seconds", 0.05, "--record", tmp_path / "keys.pcapng")
    assert isinstance(done.exception, BoardError)
    assert "took 0 of 4 reports" in str(done.exception)


def test_a_fault_is_told_behind_what_was_sent(monitor_elf, tmp_path):
    run = run_sketch(monitor_elf, MKR_ZERO, 0.01)
    assert (run.fault, run.uart, run.seconds) == (None, b"", pytest.approx(0.01, rel=0.01))
    undefined = tmp_path / "sketch.bin"
    undefined.write_bytes(struct.pack("<II4H", 0x2000_8000, 0x2009, 0xBF00, 0xDE00, 0xBF00, 0xBF00))
    done = simulate(undefined, "--uart", tmp_path / "out.txt")
    assert isinstance(done.exception, BoardFault)
    assert str(done.exception).startswith(
        "the simulated board stopped at 0x200a: an undefined instruction; reg"
    )
    assert (tmp_path / "out.txt").read_bytes() == b""


def test_record_wants_something_typed(keyboard_elf, tmp_path):
    done = simulate(keyboard_elf, "--record", tmp_path / "keys.pcapng")
    assert done.exit_code == 2
    assert "--record needs --type" in done.output


def test_a_file_that_is_there_is_not_written_over(keyboard_elf, tmp_path, monkeypatch):
    (tmp_path / "out.txt").write_text("mine")
    done = simulate(keyboard_elf, "--seconds", 0.01, "--uart", tmp_path / "out.txt")
    assert done.exit_code != 0
    assert (tmp_path / "out.txt").read_text() == "mine"
    monkeypatch.setattr("zerotap.firmware.simulation.board.sketch_run.Board", None)  # nothing is run for it
    done = simulate(keyboard_elf, "--uart", tmp_path / "out.txt")
    assert isinstance(done.exception, OutputError) and "is not overwritten" in str(done.exception)
    same = (tmp_path / "new", tmp_path / "x/../new")
    done = simulate(keyboard_elf, "--type", "o", "--uart", same[0], "--record", same[1])
    assert done.exit_code == 2 and "are two files" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]


@pytest.mark.parametrize("board", ["mkrzero", "zero"])
def test_no_image_is_refused(tmp_path, board):
    (tmp_path / "sketch.bin").write_bytes(bytes(100))
    done = simulate(tmp_path / "sketch.bin", "--board", board, "--uart", tmp_path / "new/out.txt")
    assert isinstance(done.exception, ImageError)
    assert not (tmp_path / "new").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends programs otherwise")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_by_its_number_and_leaves_nothing(keyboard_elf, tmp_path, number):
    command = [sys.executable, "-m", "zerotap", "simulate", keyboard_elf, "--seconds", "3600"]
    running = subprocess.Popen([*command, "--uart", tmp_path / "new/out"], stderr=subprocess.PIPE)
    assert running.stderr.readline() == b"simulating ...\n"
    time.sleep(0.5)
    running.send_signal(number)
    said = running.communicate(timeout=60)[1]
    assert running.returncode == 128 + number and said.split() == [b"Aborted!"]
    assert list(tmp_path.iterdir()) == []


def test_every_board_that_is_offered_is_simulated(keyboard_elf):
    offered = next(option for option in cli.get_command(None, "simulate").params if option.name == "board")
    for name in offered.type.choices:
        assert run_sketch(keyboard_elf, BOARDS[name], 0.001).fault is None
    assert "pico" not in offered.type.choices


def test_text_of_no_key_is_refused(keyboard_elf):
    with pytest.raises(CaptureError, match=r"on no key of the keyboard \(layout us\): leave it out"):
        run_sketch(keyboard_elf, MKR_ZERO, text="ж")
