"""What may be written to a board, and what is refused with the reason."""

import os
import struct

import pytest

from zerotap.errors import BoardError, DoesNotFitError
from zerotap.firmware import BOARDS, MKR_ZERO
from zerotap.firmware.delivery.image import check_image, read_image
from zerotap.firmware.images import ImageError
from zerotap.firmware.simulation.board import Board


def image(stack=0x2000_8000, reset=0x2101, size=1000):
    return struct.pack("<II", stack, reset).ljust(size, b"\x00")


def test_an_image_behind_the_bootloader_is_taken(tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(image())
    assert read_image(path, MKR_ZERO) == image()
    for board in BOARDS.values():
        first, ram = board.flash_origin, board.ram_origin + board.ram_bytes
        check_image(image(ram, first + 9), board, path)
        check_image(image(ram, first + board.flash_bytes - 1, board.flash_bytes), board, path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"stack": 0x2000_8004},
            "its stack would begin at 0x20008004, outside the RAM from 0x20000000 to 0x20008000",
        ),
        ({"stack": 0x2000_0000}, "its stack would begin at 0x20000000"),
        ({"stack": 0x2000_7FFE}, "its stack would begin at 0x20007ffe"),
        ({"stack": 0xFFFF_FFFF}, "no image for the Arduino MKR Zero"),
        (
            {"reset": 0x101},
            "linked for another place: it would start at 0x101, and lies from 0x2000 to 0x23e8",
        ),
        ({"reset": 0x0800_0101}, "it would start at 0x8000101"),
        ({"reset": 0x2100}, "it would start at 0x2100"),
        ({"reset": 0x2007}, "it would start at 0x2007"),
        ({"reset": 0x23E9}, "it would start at 0x23e9"),
        ({"size": 0}, "linked for another place"),
    ],
)
def test_an_image_of_another_board_or_place_is_refused(changes, said):
    with pytest.raises(BoardError, match=said) as told:
        check_image(image(**changes), MKR_ZERO, "x.bin")
    assert str(told.value).startswith("x.bin ") and "build it for that board" in str(told.value)


def test_one_byte_over_the_flash_is_refused_with_3():
    check_image(image(size=253_952), MKR_ZERO, "x.bin")
    with pytest.raises(DoesNotFitError, match=r"x.bin has 253,953 B, and the Arduino MKR Zero has 253,952 B"):
        check_image(image(size=253_953), MKR_ZERO, "x.bin")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x7fELF\x01\x01", "it is an ELF file: give the .bin"),
        (b":10200000", "it is an Intel HEX file"),
        (b"UF2\n\x57\x51", "it is a UF2 file"),
        (b"PK\x03\x04", "it is a ZIP file"),
        (b"abcdefg", "has no vectors at 0x2000, where the Arduino MKR Zero's bootloader starts a sketch"),
        (b"", "has no vectors at 0x2000"),
    ],
)
def test_other_files_are_named(tmp_path, content, said):
    path = tmp_path / "x.bin"
    path.write_bytes(content)
    with pytest.raises(BoardError, match=said):
        read_image(path, MKR_ZERO)


def test_no_file_and_a_folder_are_told(tmp_path):
    with pytest.raises(BoardError, match=r"cannot be read \(.*\): give the .bin of a sketch"):
        read_image(tmp_path / "none.bin", MKR_ZERO)
    with pytest.raises(BoardError, match=r"it is a folder and not a file: give the .bin of a sketch"):
        read_image(tmp_path, MKR_ZERO)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_a_pipe_is_refused_without_waiting_for_what_comes_out_of_it(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BoardError, match=r"pipe: it is a pipe and not a file: give the .bin of a sketch"):
        read_image(tmp_path / "pipe", MKR_ZERO)
    with pytest.raises(ImageError, match=r"pipe: it is a pipe and not a file: give a sketch's .elf or .bin"):
        Board(tmp_path / "pipe")
