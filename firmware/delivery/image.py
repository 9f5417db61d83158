"""Images: whether a .bin is a program for a board, before anything is written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerotap.contents import Bounds, check_regular, read_contents
from zerotap.errors import BoardError
from zerotap.firmware.images import ELF, image_vectors, other_file

if TYPE_CHECKING:
    from zerotap.firmware.board import Board

_WAY_OUT: Final = "give the .bin of a sketch"


def _fault(head: bytes) -> str:
    is_elf = head.startswith(ELF)
    return f"it is an ELF file: {_WAY_OUT}, which lies beside it" if is_elf else other_file(head, _WAY_OUT)


_BOUNDS: Final = Bounds(BoardError, 1 << 24, _WAY_OUT, _fault)


def read_image(path: str | Path, board: Board) -> bytes:
    """Read the .bin of a sketch for ``board``.

    Raises BoardError for what is none, or is linked for another place, and DoesNotFitError for one that is
    larger than the board's flash.
    """
    try:
        check_regular(path, BoardError, _WAY_OUT)  # bossac reads it a second time
        content = read_contents(path, _BOUNDS)
    except OSError as error:
        raise BoardError(f"{path} cannot be read ({error.strerror}): {_WAY_OUT}") from error
    check_image(content, board, path)
    return content


def check_image(content: bytes, board: Board, path: object) -> None:
    """Raise for a program that the board's bootloader would not start: see ``read_image``."""
    image_vectors([(board.flash_origin, content)], board, path)
