"""What a notebook does with capture, through its door alone, every file named by a string."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

import zerotap
import zerotap.capture as capture

DOOR = Path(capture.__file__).with_name("__init__.pyi")
NAMES = re.findall(r"^from \S+ import \w+ as (\w+)$", DOOR.read_text(), re.MULTILINE)


@pytest.fixture
def messages(tmp_path):
    path = tmp_path / "messages.csv"
    path.write_text("label,text\ncalm,hello\ntense,oh no\ncalm,well\ntense,ah\n")
    return str(path)


def test_every_name_is_there_and_listed():
    assert len(NAMES) == len(set(NAMES))
    assert all(getattr(capture, name) is not None for name in NAMES)
    assert set(NAMES) <= set(dir(capture))


def test_from_messages_to_a_split_and_back_in_strings(messages, tmp_path):
    dataset = capture.type_messages(messages, str(tmp_path / "moods"), seed=1)
    assert repr(dataset) == f"Dataset({str(tmp_path / 'moods')!r}, synthetic, classes calm, tense)"
    split = dataset.split(0.5)
    assert repr(split) == f"Split(2 to train on, 2 to test on: {split.note})"
    path = str(dataset.entries()[0].path)
    (recording,) = capture.read_recordings(path)
    assert re.fullmatch(
        r"Recording\('1\.2\.1', 1209:0001, interrupt, 10 packets, 80 bytes, \d\.\d{3} s\)", repr(recording)
    ), repr(recording)
    assert capture.describe(str(tmp_path / "moods"))["type"] == "dataset"
    assert capture.describe(path)["type"] == "capture"
    capture.convert(path, str(tmp_path / "out.csv"))
    copied = capture.import_capture(str(tmp_path / "out.csv"), "calm", str(tmp_path / "copy"))
    (again,) = capture.read_recordings(str(copied[0]))
    assert np.array_equal(again.payload, recording.payload)
    assert capture.Dataset.open(str(tmp_path / "copy")).classes == ("calm",)
    capture.add_label(path, capture.LabelSpan(0, 1, "tense"))
    assert len(capture.labels_of(path)[Path(path)]) == 2
    assert [label.label for label in capture.remove_label(path, 1)] == ["calm"]
    assert capture.read_captured_reports(path) == {}


def test_no_repr_is_a_dump(messages, tmp_path):
    packet = capture.Packet(7, 0x81, bytes(range(20)))
    assert repr(packet) == "Packet(7 ns, 0x81, 20 bytes 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f...)"
    assert repr(capture.Packet(7, 0x81, b"\1")) == "Packet(7 ns, 0x81, 1 bytes 01)"
    data = capture.encode_frames(np.arange(30, dtype=np.int16).reshape(10, 3))
    recording = capture.Recording.from_packets([capture.Packet(10**9, 0x82, bytes(data))])
    stream = capture.frame_recording(recording)
    assert repr(stream) == "SensorStream(binary, 10 samples of channel_0, channel_1, channel_2, unknown)"


def test_devices_are_found_and_each_is_a_line(usb_devices):
    hub, keyboard = capture.find_devices(usb_devices.bus(usb_devices.hub(), usb_devices.keyboard()))
    assert "1209:0002 at 1.3" in repr(keyboard) and repr(keyboard).endswith("opens)")
    assert "\n" not in repr(hub)


def test_other_rooms_come_through_the_door():
    """Their tests may look behind it."""
    root = Path(zerotap.__file__).parent.resolve()
    rooms = (path for room in ("features", "models", "firmware") for path in (root / room).rglob("*.py"))
    past = []
    for path in [*root.glob("*.py"), *rooms]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("zerotap.capture."):
                past.append((path.relative_to(root).as_posix(), node.module))
    # Commands join rooms: `zerotap classify` opens devices by the options that `zerotap record` has.
    assert past == [("firmware/commands/classify.py", "zerotap.capture.commands.options")]


def test_no_library_module_of_capture_knows_what_comes_after_it():
    root = Path(capture.__file__).parent
    later = ("zerotap.features", "zerotap.models", "zerotap.firmware", "zerotap.workflow")
    modules = [path for path in root.rglob("*.py") if "commands" not in path.parts]
    imports = [
        f"{path.relative_to(root)}: {node.module}"
        for path in modules
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(later)
    ]
    assert imports == []
