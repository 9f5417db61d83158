"""An image for the board's flash, from an ELF file or its bare bytes, and what it tells of its code."""

from __future__ import annotations

import bisect
import io
import re
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any, Final

from zerotap.contents import Bounds, read_contents
from zerotap.firmware.board import Board

from .faults import ImageError, Location

_ELF: Final = b"\x7fELF"
_BYTES_MAX: Final = 1 << 26  # an ELF with all of its debugging information
_VECTORS_BYTES: Final = 8


@dataclass(frozen=True)
class Image:
    """Where an image goes, and what is known of it.

    ``segments``: (load address, bytes) in flash; ``elf``: the file, b"" of a bare image; ``name`` for
    messages; ``stack_top`` and ``entry``: from its vectors, without the Thumb bit; ``variables_end``: where
    its variables end in RAM, the RAM's beginning where that is not known.
    """

    segments: tuple[tuple[int, bytes], ...]
    elf: bytes
    name: str
    stack_top: int
    entry: int
    variables_end: int

    def location(self, address: int) -> Location:
        """Which function and line an address is in, as far as the image tells."""
        return Location(address, self._symbol(address), self._line(address))

    @cached_property
    def symbols(self) -> dict[str, int]:
        """Functions and variables by name, without the Thumb bit; none of a bare image."""
        table: Any = self._file.get_section_by_name(".symtab") if self.elf else None
        if table is None:
            return {}
        return {
            each.name: each["st_value"] & (-1 if each["st_info"]["type"] == "STT_OBJECT" else ~1)
            for each in table.iter_symbols()
            if each["st_value"] and each.name and not each.name.startswith("$")
        }

    @cached_property
    def _file(self) -> Any:  # noqa: ANN401 - pyelftools is not typed
        from elftools.elf.elffile import ELFFile

        return ELFFile(io.BytesIO(self.elf))

    @cached_property
    def _functions(self) -> list[tuple[int, int, str]]:
        """Beginning, end and name; labels of assembly have no length, and reach to the next."""
        table: Any = self._file.get_section_by_name(".symtab") if self.elf else None
        code = [
            (each["st_value"] & ~1, each["st_size"], each.name)
            for each in (table.iter_symbols() if table else ())
            if _is_function(each)
        ]
        following = dict(pairwise(sorted({begin for begin, _, _ in code})))
        return sorted(
            (begin, begin + size if size else following.get(begin, begin + 4), name)
            for begin, size, name in code
        )

    def _symbol(self, address: int) -> str:
        place = bisect.bisect_right(self._functions, (address, sys.maxsize, "")) - 1
        begin, end, name = self._functions[place] if place >= 0 else (0, 0, "")
        return _plain(name) if begin <= address < end else ""

    def _line(self, address: int) -> str:
        from elftools.common.exceptions import DWARFError, ELFError

        try:
            return next(self._lines_at(address), "")
        except (DWARFError, ELFError, LookupError, ValueError):
            return ""  # what a compiler wrote in another way only costs the line

    def _lines_at(self, address: int) -> Iterator[str]:
        """The lines whose code an address is in: one, where the debugging information is sound."""
        if not self.elf or not self._file.has_dwarf_info():
            return
        dwarf = self._file.get_dwarf_info()
        for unit in dwarf.iter_CUs():
            program = dwarf.line_program_for_CU(unit)
            states = [entry.state for entry in program.get_entries() if entry.state] if program else []
            for one, following in pairwise(states):
                if not one.end_sequence and one.address <= address < following.address:
                    yield f"{_file_name(program, one.file)}:{one.line}"


def read_image(source: bytes | Path, board: Board) -> Image:
    """An image from an .elf or .bin, by its content, linked for ``board``'s flash behind its bootloader.

    Raises ImageError for what is no ELF of this core, is too large, or was linked for another place.
    """
    name = "the image" if isinstance(source, bytes) else str(source)
    content = source if isinstance(source, bytes) else _content(source)
    is_elf = content.startswith(_ELF)
    segments = _elf_segments(content, name, board) if is_elf else ((board.flash_origin, content),)
    _check_size(segments, name, board)
    stack_top, entry = _vectors(segments, name, board)
    end = _variables_end(content, board) if is_elf else board.ram_origin
    return Image(segments, content if is_elf else b"", name, stack_top, entry, end)


def _content(path: Path) -> bytes:
    fault = _too_short
    return read_contents(path, Bounds(ImageError, _BYTES_MAX, "no image for a board is so large", fault))


def _too_short(head: bytes) -> str:
    return "" if len(head) >= _VECTORS_BYTES else "an image begins with its vectors"


def _elf_segments(content: bytes, name: str, board: Board) -> tuple[tuple[int, bytes], ...]:
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    try:
        elf = ELFFile(io.BytesIO(content))
        if (elf["e_machine"], elf["e_type"]) != ("EM_ARM", "ET_EXEC"):
            raise ImageError(f"{name}: is an ELF, but no linked program for Arm: give the sketch's .elf")
        loads = [each for each in elf.iter_segments("PT_LOAD") if each["p_filesz"]]
        # lld also loads the file's own headers, below the board's flash.
        return tuple((s["p_paddr"], s.data()) for s in loads if s["p_paddr"] >= board.flash_origin)
    except (ELFError, ValueError) as error:
        raise ImageError(f"{name}: is a damaged ELF ({error}): build the sketch again") from error


def _is_function(symbol: Any) -> bool:  # noqa: ANN401
    is_named = symbol.name and not symbol.name.startswith("$")
    kind, section = symbol["st_info"]["type"], symbol["st_shndx"]
    return bool(is_named) and kind in ("STT_FUNC", "STT_NOTYPE") and section not in ("SHN_ABS", "SHN_UNDEF")


def _variables_end(content: bytes, board: Board) -> int:
    from elftools.elf.elffile import ELFFile

    loads = ELFFile(io.BytesIO(content)).iter_segments("PT_LOAD")
    ends = [each["p_vaddr"] + each["p_memsz"] for each in loads if each["p_vaddr"] >= board.ram_origin]
    return max(ends, default=board.ram_origin)


def _plain(symbol: str) -> str:
    """A C++ function's name without its arguments, as in USBDeviceClass::init; any other as it is."""
    match = re.fullmatch(r"_ZN?K?((?:\d+.*?)+?)", symbol)
    rest, names = (match[1] if match else ""), []
    while length := re.match(r"\d+", rest):
        end = length.end() + int(length[0])
        names.append(rest[length.end() : end])
        rest = rest[end:]
    return "::".join(names) or symbol


def _check_size(segments: tuple[tuple[int, bytes], ...], name: str, board: Board) -> None:
    end = board.flash_origin + board.flash_bytes
    for address, data in segments:
        if address + len(data) > end:
            raise ImageError(
                f"{name}: reaches {address + len(data):#x}, but the {board.name}'s flash ends at {end:#x}: "
                "link it for this board"
            )


def _vectors(segments: tuple[tuple[int, bytes], ...], name: str, board: Board) -> tuple[int, int]:
    """The initial stack pointer and the first instruction, from where the bootloader looks for them."""
    for address, data in segments:
        at = board.flash_origin - address
        if 0 <= at <= len(data) - _VECTORS_BYTES:
            stack_top, entry = struct.unpack_from("<II", data, at)
            if _is_stack(stack_top, board) and _is_code(entry, segments):
                return stack_top, entry & ~1
    raise ImageError(
        f"{name}: has no vectors at {board.flash_origin:#x}, where the {board.name}'s bootloader starts a "
        "sketch: build it for this board"
    )


def _is_stack(address: int, board: Board) -> bool:
    return board.ram_origin < address <= board.ram_origin + board.ram_bytes and address % 4 == 0


def _is_code(address: int, segments: tuple[tuple[int, bytes], ...]) -> bool:
    return address % 2 == 1 and any(start <= address < start + len(data) for start, data in segments)


def _file_name(program: Any, number: int) -> str:  # noqa: ANN401
    """Of a file of a line program, which are counted from 1 before DWARF 5."""
    entry = program["file_entry"][number - (program["version"] < 5)]
    return PurePosixPath(entry.name.decode(errors="replace")).name
