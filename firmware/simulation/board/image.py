"""An image for the board's flash, from an ELF file or its bare bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from zerotap.contents import Bounds, check_regular, read_contents
from zerotap.firmware.board import Board
from zerotap.firmware.images import ELF, ImageError, Segments, image_vectors, other_file

from .names import Names

_WAY_OUT: Final = "give a sketch's .elf or .bin"


def _fault(head: bytes) -> str:
    return other_file(head, _WAY_OUT)


_BOUNDS: Final = Bounds(ImageError, 1 << 26, _WAY_OUT, _fault)  # an ELF has its debugging information


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
    is_elf = content.startswith(ELF)
    segments, end = _read_elf(content, name, board) if is_elf else (_bare(content, board), board.ram_origin)
    vectors = image_vectors(segments, board, name)
    return Image(segments, Names(content if is_elf else b""), *vectors, end)


def _content(path: Path) -> bytes:
    try:
        check_regular(path, ImageError, _WAY_OUT)
        return read_contents(path, _BOUNDS)
    except OSError as error:
        raise ImageError(f"{path}: cannot be read ({error.strerror}): {_WAY_OUT}") from error


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
    if any(len(each.data()) < each["p_filesz"] for each in flash):
        raise ValueError("its end is missing")
    return [(each["p_paddr"], each.data()) for each in flash], max(ends, default=board.ram_origin)


def _is_in_ram(address: int, board: Board) -> bool:
    return board.ram_origin <= address < board.ram_origin + board.ram_bytes
