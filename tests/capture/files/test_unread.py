"""What is not read is called what it is, with a way out; only what nobody knows is called damaged."""

import struct

import pytest

from zerotap.capture import read_recordings
from zerotap.capture.files.link_types import FOREIGN_NAMES, LINK_TYPES
from zerotap.capture.files.unread import UNREAD
from zerotap.errors import CaptureError


def refusal(tmp_path, content: bytes) -> str:
    path = tmp_path / "given"
    path.write_bytes(content)
    with pytest.raises(CaptureError) as raised:
        read_recordings(path)
    return str(raised.value)


@pytest.mark.parametrize("one", UNREAD, ids=lambda one: f"{one.name} {one.magic!r}")
def test_a_known_beginning_is_named_and_not_damaged(one, tmp_path):
    said = refusal(tmp_path, bytes([0x81]) * one.at + one.magic + bytes(300))
    assert one.name in said and one.way_out in said
    assert "damaged" not in said and said.count("\n") == 0


def test_text_is_called_text(tmp_path):
    assert "given: text, but neither" in refusal(tmp_path, "Grüße\n".encode() * 90)


@pytest.mark.parametrize("content", [b"\x81\x82\x83" * 99, b"\0" * 99, b"a\n\xff\xfe" * 40])
def test_what_nobody_knows_is_damaged(content, tmp_path):
    assert "damaged at byte 0" in refusal(tmp_path, content)


@pytest.mark.parametrize("link_type", [n for n in FOREIGN_NAMES if n not in LINK_TYPES])
def test_a_foreign_link_type_is_named(link_type, tmp_path):
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link_type)
    said = refusal(tmp_path, header + struct.pack("<IIII", 1, 1, 4, 4) + b"abcd")
    assert f"link type {link_type} ({FOREIGN_NAMES[link_type]}) at byte 20" in said
    from_the_air = link_type in (195, 230, 251, 255, 256, 272, 283)
    assert ("is encrypted: capture on the computer" in said) == from_the_air
