"""Images: whether a board's bootloader would start a program, from where the program lies in its memory."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from zerotap.errors import BoardError, DoesNotFitError

if TYPE_CHECKING:
    from .board import Board

Segments = Sequence[tuple[int, bytes]]
"""What is written to a board: (address, bytes)."""
ELF: Final = b"\x7fELF"
"""How an ELF file begins."""
_OTHERS: Final = {b"UF2\n": "a UF2 file", b":": "an Intel HEX file", b"PK\x03\x04": "a ZIP file"}
_VECTORS: Final = struct.Struct("<II")
_THUMB: Final = 1


class ImageError(BoardError):
    """A file is no image for the board."""


def other_file(head: bytes, way_out: str) -> str:
    """Say what a file is that begins with ``head``, if it is another than an image's; "" if not."""
    kind = next((kind for magic, kind in _OTHERS.items() if head.startswith(magic)), None)
    return "" if kind is None else f"it is {kind}: {way_out}"


def image_vectors(segments: Segments, board: Board, name: object) -> tuple[int, int]:
    """Return an image's initial stack pointer, and the address of its first instruction without Thumb bit.

    ``name`` is what errors call it. Raises ImageError for what is linked for another board or place, and
    DoesNotFitError for what is larger than the board's flash.
    """
    _check_size(segments, board, name)
    stack_top, reset = _read_vectors(segments, board, name)
    _check_stack(stack_top, board, name)
    _check_entry(reset, segments, board, name)
    return stack_top, reset & ~_THUMB


def _check_size(segments: Segments, board: Board, name: object) -> None:
    size = max((address + len(data) for address, data in segments), default=0) - board.flash_origin
    if size > board.flash_bytes:
        raise DoesNotFitError(
            f"{name} has {size:,} B, and the {board.name} has {board.flash_bytes:,} B of flash for a sketch: "
            "make it smaller, or choose another board"
        )


def _read_vectors(segments: Segments, board: Board, name: object) -> tuple[int, int]:
    """They are where the bootloader looks for them."""
    for address, data in segments:
        at = board.flash_origin - address
        if 0 <= at <= len(data) - _VECTORS.size:
            stack_top, reset = _VECTORS.unpack_from(data, at)
            return stack_top, reset
    raise ImageError(
        f"{name} has no vectors at {board.flash_origin:#x}, where the {board.name}'s bootloader starts a "
        "sketch: build it for that board"
    )


def _check_stack(stack_top: int, board: Board, name: object) -> None:
    ram_end = board.ram_origin + board.ram_bytes
    if not board.ram_origin < stack_top <= ram_end or stack_top % 4:
        raise ImageError(
            f"{name} is no image for the {board.name}: its stack would begin at {stack_top:#x}, outside the "
            f"RAM from {board.ram_origin:#x} to {ram_end:#x}; build it for that board"
        )


def _check_entry(reset: int, segments: Segments, board: Board, name: object) -> None:
    lies = any(address <= reset < address + len(data) for address, data in segments)
    if not lies or reset < board.flash_origin + _VECTORS.size or not reset & _THUMB:
        end = max(address + len(data) for address, data in segments)
        raise ImageError(
            f"{name} is linked for another place: it would start at {reset:#x}, and lies from "
            f"{board.flash_origin:#x} to {end:#x} on the {board.name}; build it for that board, behind its "
            "bootloader"
        )
