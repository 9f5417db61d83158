"""What an ELF tells of its code: functions, variables, lines; a damaged one tells less, and is no error."""

from __future__ import annotations

import bisect
import io
import re
import sys
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any, Final

from .faults import Location

_NAMED: Final = ("STT_FUNC", "STT_NOTYPE", "STT_OBJECT")


class Names:
    """The names in the bytes of an ELF; none without one."""

    def __init__(self, elf: bytes) -> None:
        self._elf = elf

    def location(self, address: int) -> Location:
        """Which function and line an address is in, as far as the image tells."""
        return Location(address, self._symbol(address), self._line(address))

    @cached_property
    def symbols(self) -> dict[str, int]:
        """Functions and variables by name, without the Thumb bit."""
        return {name: begin for name, begin, _, _ in self._table}

    @cached_property
    def _file(self) -> Any:  # noqa: ANN401 - pyelftools is not typed
        from elftools.elf.elffile import ELFFile

        return ELFFile(io.BytesIO(self._elf))

    @cached_property
    def _table(self) -> list[tuple[str, int, int, str]]:
        """Name, address, size and type of each symbol that has a place."""
        try:
            table = self._file.get_section_by_name(".symtab") if self._elf else None
            return [_entry(each) for each in table.iter_symbols() if _is_named(each)] if table else []
        except Exception:  # pyelftools raises whatever its parser meets
            return []

    @cached_property
    def _functions(self) -> list[tuple[int, int, str]]:
        """Beginning, end and name; labels of assembly have no length, and reach to the next."""
        code = [(begin, size, name) for name, begin, size, kind in self._table if kind != "STT_OBJECT"]
        following = dict(pairwise(sorted({begin for begin, _, _ in code})))
        return sorted(
            (begin, begin + size if size else following.get(begin, begin + 4), name)
            for begin, size, name in code
        )

    def _symbol(self, address: int) -> str:
        place = bisect.bisect_right(self._functions, (address, sys.maxsize, "")) - 1
        begin, end, name = self._functions[place] if place >= 0 else (0, 0, "")
        return plain_name(name) if begin <= address < end else ""

    def _line(self, address: int) -> str:
        try:
            return next(self._lines_at(address), "")
        except Exception:  # pyelftools raises whatever its parser meets
            return ""

    def _lines_at(self, address: int) -> Iterator[str]:
        """The lines whose code an address is in: one, where the debugging information is sound."""
        if not self._elf or not self._file.has_dwarf_info():
            return
        dwarf = self._file.get_dwarf_info()
        for unit in dwarf.iter_CUs():
            program = dwarf.line_program_for_CU(unit)
            states = [entry.state for entry in program.get_entries() if entry.state] if program else []
            for one, following in pairwise(states):
                if not one.end_sequence and one.address <= address < following.address:
                    yield f"{_file_name(program, one.file)}:{one.line}"


def plain_name(symbol: str) -> str:
    """A C++ function's name without its arguments, as in USBDeviceClass::init; any other as it is."""
    match = re.fullmatch(r"_ZN?K?(\d.*)", symbol)
    rest, names = (match[1] if match else ""), []
    while length := re.match(r"\d{1,4}", rest):
        end = length.end() + int(length[0])
        names.append(rest[length.end() : end])
        rest = rest[end:]
    return "::".join(names) or symbol


def _is_named(symbol: Any) -> bool:  # noqa: ANN401
    # Those that begin with $ mark code and data.
    is_named = bool(symbol.name) and not symbol.name.startswith("$")
    return is_named and symbol["st_info"]["type"] in _NAMED and symbol["st_shndx"] != "SHN_UNDEF"


def _entry(symbol: Any) -> tuple[str, int, int, str]:  # noqa: ANN401
    kind = symbol["st_info"]["type"]
    begin = symbol["st_value"] & (-1 if kind == "STT_OBJECT" else ~1)
    # What a linker script defines is a place, but no code.
    return symbol.name, begin, symbol["st_size"], "STT_OBJECT" if symbol["st_shndx"] == "SHN_ABS" else kind


def _file_name(program: Any, number: int) -> str:  # noqa: ANN401
    """Of a file of a line program, which are counted from 1 before DWARF 5."""
    entry = program["file_entry"][number - (program["version"] < 5)]
    return PurePosixPath(entry.name.decode(errors="replace")).name
