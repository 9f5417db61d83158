"""Flashing: a simulated board is found, touched and written; what fails is tried once more, and then told."""

import json
import os
import shlex
import signal
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import serial
from click.testing import CliRunner
from samba_board import BOOTLOADER, SKETCH, SambaBoard

from zerotap import reporting
from zerotap.capture import BOARDS as KNOWN
from zerotap.capture import DeviceIdentity, SerialPort
from zerotap.cli import cli, main
from zerotap.errors import BoardError, CaptureError, DoesNotFitError, ToolchainError
from zerotap.firmware import BOARDS, MKR_ZERO, flash, flash_commands
from zerotap.firmware.delivery import bootloader, programs
from zerotap.interrupts import ENDING

IMAGE = struct.pack("<II", 0x2000_8000, 0x2101) + bytes(range(256)) * 9
PROGRAM = """#!{python}
import pathlib, sys
folder = pathlib.Path({folder!r})
if "--help" in sys.argv:
    print("Basic Open Source SAM-BA Application (BOSSA) Version {version}\\n  {offset}")
    sys.exit()
with (folder / "calls").open("a") as calls:
    print(*sys.argv[1:], file=calls)
left = int((folder / "fails").read_text())
(folder / "fails").write_text(str(left - 1))
if left > 0:
    print("working ...")
    sys.exit("No device found on ttyACM9")
"""
CLI = """#!{python}
import pathlib, sys
words = sys.argv[1:]
out = pathlib.Path(words[words.index("--output-dir") + 1])
if {fails}:
    print("Compiling\\nError during build: Platform 'arduino:samd' not found\\nbye")
    sys.exit(1)
(out / "Blink.ino.bin").write_bytes(bytes.fromhex({image!r}))
pathlib.Path({folder!r}, "built").write_text(" ".join(words))
"""


@pytest.fixture(autouse=True)
def ours_at_once(monkeypatch):
    """No system has to set a port up here."""
    monkeypatch.setattr(bootloader, "SETTLE_S", 0.01)


@pytest.fixture
def board(tmp_path):
    """board(**how): plug a simulated one in; it is pulled out behind the test."""
    made = []

    def plug(**how) -> SambaBoard:
        made.append(SambaBoard(tmp_path, **how))
        return made[-1]

    yield plug
    for each in made:
        each.end()


@pytest.fixture
def program(tmp_path, monkeypatch):
    """program(name, text, **words): put one on PATH, alone; its folder is where it keeps what it does."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    def put(name: str, text: str, **words) -> Path:
        path = folder / name
        path.write_text(text.format(python=sys.executable, folder=str(folder), **words))
        path.chmod(0o755)
        return folder

    return put


@pytest.fixture
def bossac(program):
    """bossac(fails): one that fails so often."""

    def put(fails=0, version="1.9.1", offset="--offset=OFFSET") -> Path:
        folder = program("bossac", PROGRAM, version=version, offset=offset)
        (folder / "fails").write_text(str(fails))
        return folder

    return put


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "Blink.ino.bin"
    path.write_bytes(IMAGE)
    return path


def calls(folder: Path) -> list[list[str]]:
    return [line.split() for line in (folder / "calls").read_text().splitlines()]


def test_a_sketch_that_runs_is_touched_and_its_bootloader_written(board, bossac, image):
    there, folder, seen = board(), bossac(), []
    before = there.path
    done = flash(image, ports=there.ports, on_progress=lambda *step: seen.append(step[0]))
    assert there.path != before and (there.mode, there.touches) == ("bootloader", 1)
    name = os.path.realpath(there.path).removeprefix("/dev/")
    wanted = [f"--port={name}", "--usb-port=1", "--offset=0x2000", "-e", "-w", "-v", str(image), "-R"]
    assert calls(folder) == [wanted]
    assert done.to_json() == {
        "sketch": str(image),
        "image_bytes": len(IMAGE),
        "board": "Arduino MKR Zero",
        "port": str(there.path),
        "command": shlex.join([str(folder / "bossac"), *wanted]),
        "tries": 1,
    }
    assert seen == ["calling the bootloader", "writing and verifying"]


def test_a_board_in_its_bootloader_is_not_touched_and_bossac_1_7_called_as_it_wants(board, bossac, image):
    there = board(mode="bootloader")
    folder = bossac(version="1.7.0", offset="")
    flash(image, ports=there.ports)
    name = os.path.realpath(there.path).removeprefix("/dev/")
    assert calls(folder) == [[f"--port={name}", "-U", "true", "-i", "-e", "-w", "-v", str(image), "-R"]]
    assert there.touches == 0


def test_bossac_of_the_arduino_ide_is_found_the_newest(program, tmp_path, monkeypatch):
    tools = tmp_path / "home/.arduino15/packages/arduino/tools/bossac"
    for version in ("1.7.0-arduino3", "1.9.1-arduino2"):
        (tools / version).mkdir(parents=True)
        text = PROGRAM.format(python=sys.executable, folder="", version=version, offset="--offset")
        (tools / version / "bossac").write_text(text)
        (tools / version / "bossac").chmod(0o755)
    found = programs.find_bossac()
    assert found.path == str(tools / "1.9.1-arduino2/bossac") and found.takes_offset


def test_an_image_whose_name_looks_like_an_option_is_a_file():
    for takes_offset in (True, False):
        command = programs.Bossac("bossac", takes_offset).command("p", Path("-e.bin"), MKR_ZERO)
        assert command[-2] == str(Path("-e.bin").absolute())


def test_what_fails_is_tried_once_more(board, bossac, image, monkeypatch):
    monkeypatch.setattr(bootloader, "APPEARS_S", 0.4)
    there, folder = board(ignores_touches=1), bossac()
    assert flash(image, port=str(there.path), ports=there.ports).tries == 2
    assert there.touches == 2 and len(calls(folder)) == 1
    (folder / "fails").write_text("1")
    assert flash(image, ports=there.ports).tries == 2


def test_then_a_person_is_asked_for_two_taps(board, bossac, image, monkeypatch):
    monkeypatch.setattr(bootloader, "APPEARS_S", 0.3)
    there, folder = board(ignores_touches=9), bossac()
    with pytest.raises(
        BoardError, match="was not written, its bootloader does not appear: double-tap the board's"
    ):
        flash(image, ports=there.ports)
    assert there.touches == 2
    with serial.Serial(str(there.path), exclusive=True):  # it was given back
        there.plug("bootloader")
    (folder / "fails").write_text("2")
    said = r"bossac failed: No device found on ttyACM9: double-tap the board's reset .* the command again"
    with pytest.raises(BoardError, match=said):
        flash(image, ports=there.ports)
    assert len(calls(folder)) == 2


def port(path, ids):
    return SerialPort(path, DeviceIdentity(*ids))


@pytest.mark.parametrize(
    ("listed", "chosen", "said"),
    [
        ([], None, "there is no Arduino MKR Zero: plug it in, or double-tap .*; there is no port at all"),
        ([("a", (1, 2))], None, "there is no Arduino MKR Zero: .*there are: a"),
        (
            [("a", SKETCH), ("b", BOOTLOADER)],
            None,
            "several boards Arduino MKR Zero, at a, b: name one with --port",
        ),
        ([("a", SKETCH)], "c", "there is no serial port c: there are: a"),
        (
            [("a", KNOWN[1].sketch)],
            "a",
            "is a Arduino Zero and no Arduino MKR Zero: choose its port, or its --board",
        ),
        ([("a", (1, 2))], "a", "is another device and no Arduino MKR Zero"),
    ],
)
def test_the_board_that_is_meant_has_to_be_there(bossac, image, listed, chosen, said):
    bossac()
    with pytest.raises(BoardError, match=said):
        flash(image, port=chosen, ports=lambda: [port(*one) for one in listed])


def test_a_port_that_does_not_open_is_told(bossac, image, tmp_path):
    bossac()
    with pytest.raises(CaptureError, match=r"there is no serial port .*/gone"):
        flash(image, ports=lambda: [port(str(tmp_path / "gone"), SKETCH)])
    with pytest.raises(CaptureError, match="is no serial port"):
        flash(image, ports=lambda: [port(str(image), SKETCH)])


def test_every_board_but_the_pico_is_known_by_its_ids():
    for name, one in BOARDS.items():
        if name == "pico":
            with pytest.raises(
                BoardError, match="does not write the Raspberry Pi Pico: hold its BOOTSEL button"
            ):
                bootloader.BoardPorts.of(one, None)
        else:
            assert bootloader.BoardPorts.of(one, None).ids.name == one.name
    assert [one.usb for one in BOARDS.values() if one.usb] == list(KNOWN)


def test_no_bossac_is_told_with_the_package(board, program, image):
    with pytest.raises(BoardError, match=r"there is no bossac, which writes the board: install bossa-cli"):
        flash(image, ports=board().ports)


@pytest.fixture
def sketch(tmp_path):
    """A sketch among a library's examples."""
    folder = tmp_path / "lib/examples/Blink"
    folder.mkdir(parents=True)
    (tmp_path / "lib/library.properties").write_text("name=lib\n")
    (folder / "Blink.ino").write_text("void setup() {}\n")
    return folder / "Blink.ino"


def test_a_sketch_is_built_with_the_library_that_it_lies_in(board, bossac, program, sketch):
    there, folder = board(mode="bootloader"), bossac()
    program("arduino-cli", CLI, image=IMAGE.hex(), fails=False)
    done = flash(sketch, ports=there.ports)
    words = (folder / "built").read_text().split()
    assert words[:5] == ["compile", "--fqbn", "arduino:samd:mkrzero", "--library", str(sketch.parents[2])]
    assert words[-1] == str(sketch.parent) and done.image_bytes == len(IMAGE)
    (written,) = calls(folder)
    assert written[-2].endswith("/Blink.ino.bin") and not Path(written[-2]).exists()


def test_what_arduino_cli_says_is_told(board, bossac, program, sketch):
    there, folder = board(mode="bootloader"), bossac()
    with pytest.raises(
        BoardError, match=r"there is no arduino-cli to build Blink.ino with: install it, or build"
    ):
        flash(sketch, ports=there.ports)
    program("arduino-cli", CLI, image="", fails=True)
    with pytest.raises(
        ToolchainError, match=r"did not build Blink.ino: Error during build: Platform 'arduino:samd'"
    ):
        flash(sketch, ports=there.ports)
    other = sketch.rename(sketch.with_name("Other.ino"))
    with pytest.raises(BoardError, match="lies in Blink/: Arduino wants it in a folder Other/"):
        flash(other, ports=there.ports)
    with pytest.raises(BoardError, match="there is no such sketch"):
        flash(sketch, ports=there.ports)
    assert not (folder / "calls").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends programs otherwise")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("mode", ["sketch", "bootloader"])
def test_a_signal_ends_it_by_its_number_and_the_port_is_given_back(
    board, program, image, monkeypatch, number, mode
):
    """While the bootloader is waited for, and while bossac writes."""
    there = board(mode=mode, ignores_touches=9)
    program("bossac", "#!{python}\nimport sys, time\ntime.sleep(0 if '--help' in sys.argv else 60)\n")
    flashing = sys.modules["zerotap.firmware.delivery.flashing"]
    monkeypatch.setitem(flashing.flash.__kwdefaults__, "ports", there.ports)
    monkeypatch.setattr(sys, "argv", ["zerotap", "flash", str(image)])
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")  # descriptor 2 stays
    begins = flashing.CALLING if mode == "sketch" else flashing.WRITING
    before = {each: signal.getsignal(each) for each in ENDING}

    def seen(name, _done, _total):
        if name == begins:
            threading.Timer(0.2, os.kill, (os.getpid(), number)).start()

    monkeypatch.setattr(reporting, "_plain_lines", lambda: seen)
    try:
        with pytest.raises(SystemExit) as end:
            main()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    assert end.value.code == 128 + number
    with serial.Serial(str(there.path), exclusive=True):
        pass


def test_a_dry_run_says_what_would_be_done_and_does_nothing(board, bossac, program, image, sketch):
    there, folder = board(), bossac()
    program("arduino-cli", CLI, image="", fails=True)
    name = os.path.realpath(there.path).removeprefix("/dev/")
    touches, writes = flash_commands(image, ports=there.ports)
    assert touches == f"# open {there.path} at 1200 baud, DTR low, close: the bootloader starts"
    assert writes == f"{folder}/bossac --port={name} --usb-port=1 --offset=0x2000 -e -w -v {image} -R"
    builds, _, writes = flash_commands(sketch, ports=there.ports)
    assert builds.startswith(f"{folder}/arduino-cli compile --fqbn arduino:samd:mkrzero --library ")
    assert "Blink-build/Blink.ino.bin" in writes
    there.plug("bootloader")
    (folder / "bossac").unlink()
    (writes,) = flash_commands(image, ports=there.ports)
    assert writes.startswith("bossac --port=")
    assert there.touches == 0 and not (folder / "calls").exists() and not (folder / "built").exists()


@pytest.mark.parametrize("how", [[], ["--dry-run"]], ids=["flash", "dry run"])
def test_the_command_refuses_before_it_looks_for_a_tool_or_a_board(image, bossac, how):
    bossac()
    image.write_bytes(IMAGE.ljust(253_953, b"\0"))
    told = CliRunner().invoke(cli, ["flash", str(image), *how])
    assert isinstance(told.exception, DoesNotFitError)
    image.write_bytes(IMAGE)
    told = CliRunner().invoke(cli, ["flash", str(image), *how])
    assert isinstance(told.exception, BoardError) and "there is no Arduino MKR Zero" in str(told.exception)


def test_the_command_writes_and_reports(board, bossac, image, monkeypatch):
    there = board(mode="bootloader")
    bossac()
    monkeypatch.setattr("zerotap.firmware.delivery.flashing.find_ports", there.ports)
    flashing = sys.modules["zerotap.firmware.delivery.flashing"]
    for one in (flashing.flash, flashing.flash_commands):
        monkeypatch.setitem(one.__kwdefaults__, "ports", there.ports)
    done = CliRunner().invoke(cli, ["flash", str(image), "--json"])
    assert done.exit_code == 0 and json.loads(done.stdout)["tries"] == 1
    done = CliRunner().invoke(cli, ["flash", str(image), "--dry-run", "--json"])
    assert json.loads(done.stdout)["commands"][0].split()[1].startswith("--port=pts/")


@pytest.mark.system("bossac")
def test_the_real_bossac_writes_what_the_image_holds(board, image):
    there = board()
    done = flash(image, ports=there.ports)
    assert done.tries == 1 and there.flash[0x2000 : 0x2000 + len(IMAGE)] == IMAGE
    until = [there.resets for _ in range(200) if there._ended.wait(0.01) or True]
    assert until[-1] == 1 and there.mode == "sketch"
    assert there.flash[:0x2000] == b"\xff" * 0x2000
    commands = {name for name, *_ in there.log}
    assert {"X", "Y", "S", "W"} <= commands


@pytest.mark.system("bossac")
def test_a_bootloader_that_does_not_answer_is_told(board, image, monkeypatch):
    monkeypatch.setattr("zerotap.firmware.delivery.flashing.WRITE_S", 3.0)
    there = board(mode="bootloader", is_deaf=True)
    with pytest.raises(
        BoardError, match=r"was not written, bossac failed: .*double-tap the board's reset button"
    ):
        flash(image, ports=there.ports)
    assert there.flash == b"\xff" * len(there.flash)


@pytest.mark.hardware
@pytest.mark.skipif("ZEROTAP_IMAGE" not in os.environ, reason="ZEROTAP_IMAGE names no image")
def test_a_real_board_is_written():
    """ZEROTAP_IMAGE names the .bin of a sketch; an MKR Zero is plugged in, whatever it runs."""
    assert flash(Path(os.environ["ZEROTAP_IMAGE"]), MKR_ZERO).tries <= 2
    version = subprocess.run(["bossac", "--help"], capture_output=True, text=True).stdout
    assert "BOSSA" in version
