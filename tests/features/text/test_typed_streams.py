"""Text from capture files: our own recordings, and other people's captures of known text."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from zerotap.capture import DeviceIdentity, Packet, PcapngWriter, type_corpus
from zerotap.errors import CaptureError, FeatureError
from zerotap.features.commands import text as text_command
from zerotap.features.text.typed_streams import typed_streams

USB = (Path(__file__).parents[3] / "../shared/data/usb").resolve()
CAPTURES = sorted(USB.glob("*/capture.*"))
UNLISTED = {("serial-bluepill-composite-ubuntu", "1.3.1")}
"""A keyboard (Alt+Tab, `cat`, `screen /dev/ttyACM0`) that expected.json gives no text for."""

MISSING = "releases are missing, no report has every key up: a key struck twice in a row may stand once"

needs_captures = pytest.mark.skipif(not CAPTURES, reason="../shared/data/usb is not there")


def _expected(path):
    streams = json.loads((path.parent / "expected.json").read_text())["streams"]
    return {stream["src"]: stream["raw_text"] for stream in streams if "raw_text" in stream}


@needs_captures
@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.parent.name)
def test_keyboards_spell_the_published_text_and_nothing_else_is_a_keyboard(path):
    expected = _expected(path)
    try:
        streams = typed_streams(path, "raw")
    except FeatureError:
        streams = []
    listed = {
        s.name: s.text for s in streams if s.text is not None and (path.parent.name, s.name) not in UNLISTED
    }
    assert listed == expected


@needs_captures
def test_the_captures_hold_five_keyboards_and_a_mouse():
    texts = [text for path in CAPTURES for text in _expected(path).values()]
    assert len(texts) == 5
    [capture] = [path for path in CAPTURES if path.parent.name == "therealdreg-iausbpcap-example"]
    assert {stream.name: stream.text is None for stream in typed_streams(capture)} == {
        "1.10.1": True,
        "1.23.1": False,
    }


def _write(path, *packets, device=None):
    with PcapngWriter(path, device or DeviceIdentity(bus=1, address=2)) as writer:
        for number, data in enumerate(packets):
            writer.write(Packet(number * 10_000_000, 0x81, data))
    return path


def test_a_recording_of_a_dataset_is_a_capture_too(tmp_path):
    dataset = type_corpus([("a", "Hello, World"), ("b", "x")], tmp_path / "set")
    [stream] = typed_streams(dataset.entries()[0].path)
    assert stream.text == "Hello, World"
    run = CliRunner().invoke(text_command, [str(dataset.entries()[0].path)])
    assert (run.exit_code, run.stdout) == (0, "Hello, World\n")


def test_random_bytes_are_no_keyboard(tmp_path):
    rng = np.random.default_rng(0)
    path = _write(tmp_path / "noise.pcapng", *(rng.bytes(8) for _ in range(50)))
    with pytest.raises(FeatureError, match=r"no keyboard in it \(1\.2\.1\); choose a capture"):
        typed_streams(path)


def test_packets_of_another_length_are_no_keyboard(tmp_path):
    key = bytes.fromhex("0000040000000000")
    path = _write(tmp_path / "mixed.pcapng", key, bytes(8), b"\1")
    with pytest.raises(FeatureError, match="no keyboard"):
        typed_streams(path)


def test_a_capture_without_packets_has_no_keyboard(tmp_path):
    with pytest.raises(FeatureError, match="no stream at all"):
        typed_streams(_write(tmp_path / "empty.pcapng"))


def test_an_unknown_notation_lists_the_known(tmp_path):
    with pytest.raises(FeatureError, match="text, plain, raw"):
        typed_streams(tmp_path, notation="morse")


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(CaptureError, match=r"none\.pcapng"):
        typed_streams(tmp_path / "none.pcapng")


def test_the_command_prints_notations_and_json(tmp_path):
    path = _write(
        tmp_path / "keys.pcapng", *(bytes([0, 0, usage, 0, 0, 0, 0, 0]) for usage in (0x04, 0x2A, 0x05))
    )

    def run(*options):
        return CliRunner().invoke(text_command, [str(path), *options])

    assert run().stdout == run("--notation", "text").stdout == run("--notation", "raw").stdout == "a<BS>b\n"
    assert run("--notation", "plain").stdout == run("--edit").stdout == "b\n"
    assert run().stderr == f"1.2.1: {MISSING}\n"
    notes = {"notes": [MISSING]}
    assert json.loads(run("--json").stdout) == {
        "file": str(path),
        "streams": [{"name": "1.2.1", "packets": 3, "text": "a<BS>b", "unapplied": [], "form": ""} | notes],
    }


def test_the_command_reads_other_layouts(tmp_path):
    path = _write(tmp_path / "keys.pcapng", bytes([0x40, 0, 0x14, 0, 0, 0, 0, 0]), bytes(8))
    for layout, text in {"german": "@", "de": "@", "uk": "<AltGr+q>", "dvorak": "<Alt+'>"}.items():
        assert CliRunner().invoke(text_command, [str(path), "--layout", layout]).stdout == f"{text}\n"
    with pytest.raises(FeatureError, match=r"layout 'frech'; choose one of us, .*\(did you mean french\?\)"):
        typed_streams(path, layout="frech")


@pytest.mark.parametrize("layout", ["french", "fr", "FR", "azerty"])
def test_dead_keys_of_another_layout_in_every_notation_and_edited(tmp_path, layout):
    keys = [
        (0, 0x2F),
        (0, 0x08),
        (0, 0x2F),
        (0, 0x05),
        (0x40, 0x27),
        (0, 0x2A),
        (1, 0x2F),
        (0, 0x2F),
    ]  # ^e^b@
    rows = [row for held, usage in keys for row in (bytes([held, 0, usage, 0, 0, 0, 0, 0]), bytes(8))]
    path = _write(tmp_path / "keys.pcapng", *rows)

    def run(*options):
        return CliRunner().invoke(text_command, [str(path), "--layout", layout, *options]).stdout

    assert run() == "ê^b@<BS><Ctrl+^>^\n"
    assert run("--notation", "raw") == "^e^b@<BS><M01:^>^\n"
    assert run("--notation", "plain") == "ê^b ^\n"
    assert run("--edit") == "ê^b^\n"


def test_num_lock_is_said_and_chosen(tmp_path):
    path = _write(tmp_path / "keypad.pcapng", bytes([0, 0, 0x59, 0, 0, 0, 0, 0]), bytes(8))
    for option, notation, text in (
        ("on", "text", "1"),
        ("on", "plain", "1"),
        ("off", "text", "<KP 1>"),
        ("off", "plain", ""),
    ):
        run = CliRunner().invoke(text_command, [str(path), "--num-lock", option, "--notation", notation])
        assert run.stdout == f"{text}\n"
        assert run.stderr.startswith(f"1.2.1: num lock taken as {option} throughout: ")
    assert CliRunner().invoke(text_command, [str(path)]).stdout == "1\n"
    assert CliRunner().invoke(text_command, [str(path), "--edit"]).stdout == "1\n"
    assert CliRunner().invoke(text_command, [str(path), "--num-lock", "maybe"]).exit_code == 2


def test_keyboards_behind_a_receiver_are_told_apart(tmp_path):
    def dj(device, kind, *values):
        return bytes([0x20, device, kind, *values]).ljust(15, b"\0")

    packets = [
        packet
        for usage in (0x0B, 0x0C)
        for packet in (
            dj(1, 2, 0, 5, 5),
            dj(2, 1, 0, usage),
            dj(3, 1, 2, usage),
            b"\x11\x02\x41".ljust(20, b"\0"),
            dj(2, 1),
            dj(3, 1),
        )
    ]
    path = _write(tmp_path / "receiver.pcapng", *packets)
    run = CliRunner().invoke(text_command, [str(path)])
    assert run.stdout == "hi\nHI\n"
    assert run.stderr.splitlines() == [
        "left out 1.2.1 device 1: 2 packets, mouse",
        "keyboard 1.2.1 device 2:",
        "1.2.1 device 2: Logitech DJ reports",
        "keyboard 1.2.1 device 3:",
        "1.2.1 device 3: Logitech DJ reports",
    ]
    names = [stream.name for stream in typed_streams(path)]
    assert names == ["1.2.1 device 1", "1.2.1 device 2", "1.2.1 device 3"]


def test_edit_names_the_keys_it_does_not_apply_and_takes_no_notation(tmp_path):
    control_c, up = bytes([1, 0, 6, 0, 0, 0, 0, 0]), bytes(8)
    path = _write(tmp_path / "keys.pcapng", control_c, up, control_c, bytes([0, 0, 4, 0, 0, 0, 0, 0]))
    run = CliRunner().invoke(text_command, [str(path), "--edit"])
    assert (run.stdout, run.stderr) == ("a\n", "not applied: <Ctrl+c> (2 times)\n")
    refused = CliRunner().invoke(text_command, [str(path), "--edit", "--notation", "raw"])
    assert refused.exit_code == 2
    assert "leave out --notation" in refused.stderr


def test_several_keyboards_stand_under_headings_on_stderr(tmp_path):
    files = [
        _write(
            tmp_path / f"{n}.pcapng", bytes([0, 0, 4, 0, 0, 0, 0, 0]), device=DeviceIdentity(bus=1, address=n)
        )
        for n in (2, 3)
    ]
    both = tmp_path / "both.pcapng"
    both.write_bytes(b"".join(file.read_bytes() for file in files))
    run = CliRunner().invoke(text_command, [str(both)])
    assert (run.exit_code, run.stdout) == (0, "a\na\n")
    assert run.stderr == "keyboard 1.2.1:\nkeyboard 1.3.1:\n"


PUBLISHED = {
    "BITSCTF-2017-Ghost_in_the_machine": "youtube.com/watch?v=ohg5sjyrha0",
    "CSEC-workshop-keyboard": "flag{QWERTY_was_created_to_give_people_wrist_cancer}\n",
    "picoCTF-2017-Just_Keyp_Trying": "flag{pr355_0nwards_deafcb32}",
}


@needs_captures
@pytest.mark.parametrize("name", PUBLISHED)
def test_edited_captures_give_the_published_solution(name):
    [path] = [path for path in CAPTURES if path.parent.name == name]
    [text] = [stream.text for stream in typed_streams(path, edited=True) if stream.text is not None]
    assert text == PUBLISHED[name]


@needs_captures
def test_control_is_spelled_as_the_published_text_spells_it():
    [path] = [path for path in CAPTURES if path.parent.name.startswith("picoCTF")]
    published = json.loads((path.parent / "expected.json").read_text())["published_text"]
    assert (
        [stream.text for stream in typed_streams(path)]
        == [published]
        == ["flag{pr355_0nwards_deafcb32}<Ctrl+c>"]
    )


@needs_captures
def test_the_command_names_what_it_leaves_out():
    [capture] = [path for path in CAPTURES if path.parent.name == "therealdreg-iausbpcap-example"]
    run = CliRunner().invoke(text_command, [str(capture)])
    assert run.stdout == " drg isgod\n"
    assert "left out 1.10.1: 1788 packets" in run.stderr
