"""An image for the board's flash, from an ELF file or its bare bytes."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from zerotap.contents import Bounds, read_contents
from zerotap.errors import DoesNotFitError
from zerotap.firmware.board import Board

from .faults import ImageError
from .names import Names

_ELF: Final = b"\x7fELF"
_BYTES_MAX: Final = 1 << 26  # an ELF with all of its debugging information
_VECTORS: Final = struct.Struct("<II")

Segments = Sequence[tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Image:
    """Where an image goes, and what is known of it.

    ``segments``: (load address, bytes) in flash; ``names``: what its ELF tells, nothing of a bare image;
    ``stack_top`` and ``entry``: from its vectors, without the Thumb bit; ``variables_end``: where its
    variables end in RAM, the RAM's beginning where that is not known.
    """

    segments: Segments
    names: Names
    stack_top: int
    entry: int
    variables_end: int


def read_image(source: bytes | Path, board: Board) -> Image:
    """An image from an .elf or .bin, by its content, linked for ``board``'s flash behind its bootloader.

    Raises ImageError for what is no ELF of this core or was linked for another place, and DoesNotFitError for
    what is larger than the flash.
    """
    name = "the image" if isinstance(source, bytes) else str(source)
    content = source if isinstance(source, bytes) else _content(source)
    is_elf = content.startswith(_ELF)
    segments, end = _read_elf(content, name, board) if is_elf else (_bare(content, board), board.ram_origin)
    _check_size(segments, name, board)
    return Image(segments, Names(content if is_elf else b""), *_vectors(segments, name, board), end)


def _content(path: Path) -> bytes:
    bounds = Bounds(ImageError, _BYTES_MAX, "no image for a board is so large", _too_short)
    try:
        return read_contents(path, bounds)
    except OSError as error:
        said = f"{path}: cannot be read ({error.strerror}): give a sketch's .elf or .bin"
        raise ImageError(said) from error


def _too_short(head: bytes) -> str:
    return "" if len(head) >= _VECTORS.size else "too short: an image begins with its vectors"


def _bare(content: bytes, board: Board) -> Segments:
    return ((board.flash_origin, content),)


def _read_elf(content: bytes, name: str, board: Board) -> tuple[Segments, int]:
    """What is loaded to flash, and where variables end in RAM."""
    try:
        return _loads(content, name, board)
    except ImageError:
        raise
    except Exception as error:  # pyelftools raises whatever its parser meets
        raise ImageError(f"{name}: is a damaged ELF ({error}): build the sketch again") from error


def _loads(content: bytes, name: str, board: Board) -> tuple[Segments, int]:
    from elftools.elf.elffile import ELFFile

    elf: Any = ELFFile(io.BytesIO(content))
    if (elf["e_machine"], elf["e_type"]) != ("EM_ARM", "ET_EXEC"):
        raise ImageError(f"{name}: is an ELF, but no linked program for Arm: give the sketch's .elf")
    loads = list(elf.iter_segments("PT_LOAD"))
    # lld also loads the file's own headers, below the board's flash.
    flash = [each for each in loads if each["p_filesz"] and each["p_paddr"] >= board.flash_origin]
    ends = [each["p_vaddr"] + each["p_memsz"] for each in loads if _is_in_ram(each["p_vaddr"], board)]
    return [(each["p_paddr"], each.data()) for each in flash], max(ends, default=board.ram_origin)


def _is_in_ram(address: int, board: Board) -> bool:
    return board.ram_origin <= address < board.ram_origin + board.ram_bytes


def _check_size(segments: Segments, name: str, board: Board) -> None:
    end = board.flash_origin + board.flash_bytes
    for address, data in segments:
        if address + len(data) > end:
            raise DoesNotFitError(
                f"{name}: reaches {address + len(data):#x}, but the {board.name}'s flash ends at {end:#x}: "
                "link it for this board, or make it smaller"
            )


def _vectors(segments: Segments, name: str, board: Board) -> tuple[int, int]:
    """The initial stack pointer and the first instruction, from where the bootloader looks for them."""
    for address, data in segments:
        at = board.flash_origin - address
        if 0 <= at <= len(data) - _VECTORS.size:
            stack_top, entry = _VECTORS.unpack_from(data, at)
            if _is_stack(stack_top, board) and _is_code(entry, segments):
                return stack_top, entry & ~1
    raise ImageError(
        f"{name}: has no vectors at {board.flash_origin:#x}, where the {board.name}'s bootloader starts a "
        "sketch: build it for this board"
    )


def _is_stack(address: int, board: Board) -> bool:
    return board.ram_origin < address <= board.ram_origin + board.ram_bytes and address % 4 == 0


def _is_code(address: int, segments: Segments) -> bool:
    return address % 2 == 1 and any(start <= address < start + len(data) for start, data in segments)
