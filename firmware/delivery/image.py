"""Images: whether a .bin is a program for a board, before anything is written."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerotap.contents import Bounds, read_contents
from zerotap.errors import BoardError, DoesNotFitError

if TYPE_CHECKING:
    from zerotap.firmware.board import Board

_VECTORS: Final = struct.Struct("<II")
_THUMB: Final = 1
_OTHERS: Final = {
    b"\x7fELF": "an ELF file",
    b"UF2\n": "a UF2 file",
    b":": "an Intel HEX file",
    b"PK\x03\x04": "a ZIP file",
}


def _fault(head: bytes) -> str:
    kind = next((kind for magic, kind in _OTHERS.items() if head.startswith(magic)), None)
    return "" if kind is None else f"it is {kind}: give the .bin of the sketch, which lies beside it"


_BOUNDS: Final = Bounds(BoardError, 1 << 24, "give the .bin of a sketch", _fault)


def read_image(path: str | Path, board: Board) -> bytes:
    """Read the .bin of a sketch for ``board``.

    Raises BoardError for what is none, or is linked for another place, and DoesNotFitError for one that is
    larger than the board's flash.
    """
    try:
        content = read_contents(path, _BOUNDS)
    except OSError as error:
        raise BoardError(f"{path} cannot be read ({error.strerror}): give the .bin of a sketch") from error
    check_image(content, board, path)
    return content


def check_image(content: bytes, board: Board, path: object) -> None:
    """Raise for a program that the board's bootloader would not start: see ``read_image``."""
    if len(content) > board.flash_bytes:
        raise DoesNotFitError(
            f"{path} has {len(content):,} B, and the {board.name} has {board.flash_bytes:,} B of flash for a "
            "sketch: make it smaller, or choose another board"
        )
    if len(content) < _VECTORS.size:
        raise BoardError(f"{path} has {len(content)} bytes and no vectors: give the .bin of a sketch")
    stack, reset = _VECTORS.unpack_from(content)
    ram_end = board.ram_origin + board.ram_bytes
    if not board.ram_origin < stack <= ram_end or stack % 4:
        raise BoardError(
            f"{path} is no image for the {board.name}: its stack would begin at {stack:#x}, outside the RAM "
            f"from {board.ram_origin:#x} to {ram_end:#x}; build it for that board"
        )
    first, end = board.flash_origin, board.flash_origin + len(content)
    if not first + _VECTORS.size <= reset < end or not reset & _THUMB:
        raise BoardError(
            f"{path} is linked for another place: it would start at {reset:#x}, and lies from {first:#x} to "
            f"{end:#x} on the {board.name}; build it for that board, behind its bootloader"
        )
