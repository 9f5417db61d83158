"""A program linked for the board: built from generated C and the harness, read back from its ELF."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zerotap.errors import DoesNotFitError
from zerotap.firmware.board import MKR_ZERO, Board
from zerotap.writing import scratch_folder

from .kept_objects import compiled

if TYPE_CHECKING:
    from .toolchain import Compiler

_DEFINITIONS = ("-DINPUT_", "-DOUTPUT_")  # what harness/main.c is told
MODEL_NAME = "model"  # what harness/main.c calls
RESET = f"{MODEL_NAME}_reset"


class MemoryOverflowError(DoesNotFitError):
    """A program is larger than a memory of the board: ``memory`` "flash" or "RAM", by ``excess_bytes``."""

    def __init__(self, memory: str, excess_bytes: int) -> None:
        super().__init__(f"the linked program is {excess_bytes:,} B larger than the board's {memory}")
        self.memory = memory
        self.excess_bytes = excess_bytes


@dataclass(frozen=True, slots=True)
class Program:
    """What goes into the board's memories.

    ``segments``: (load address, bytes) in flash; ``symbols``: name -> address, without the Thumb bit;
    ``flash_bytes`` what the image fills, ``ram_bytes`` .data and .bss, stack not counted; ``board`` whose
    memory map it is linked by. ``copied``: (address, bytes) of what start-up code copies to RAM, and
    ``has_code_in_ram`` whether there are functions in it.
    """

    segments: tuple[tuple[int, bytes], ...]
    symbols: dict[str, int]
    flash_bytes: int
    ram_bytes: int
    board: Board = MKR_ZERO
    copied: tuple[tuple[int, bytes], ...] = ()
    has_code_in_ram: bool = False

    def code(self, address: int, size: int) -> bytes | None:
        """What runs at an address, in flash or copied to RAM; None outside of the program."""
        for origin, data in (*self.segments, *self.copied):
            if origin <= address < origin + len(data):
                return data[address - origin : address - origin + size]
        return None

    def function_at(self, address: int) -> str:
        """Name of the symbol that ``address`` lies in or behind, for messages."""
        below = [(value, name) for name, value in self.symbols.items() if value <= address]
        return max(below)[1] if below else "no function"


def read_program(elf_path: Path, board: Board = MKR_ZERO) -> Program:
    """Read an ELF that was linked for ``board``."""
    from elftools.elf.elffile import ELFFile

    with elf_path.open("rb") as stream:
        elf = ELFFile(stream)
        loads = [s for s in elf.iter_segments("PT_LOAD") if s["p_memsz"]]
        clipped = (_from(board.flash_origin, s["p_paddr"], s.data()) for s in loads)
        images = tuple((address, data) for address, data in clipped if data)
        table: Any = elf.get_section_by_name(".symtab")
        # File names and the $t, $d that mark code and data are no symbols of ours.
        symbols = {
            s.name: s["st_value"] & (-1 if s["st_info"]["type"] == "STT_OBJECT" else ~1)
            for s in table.iter_symbols()
            if s["st_value"] and not s.name.startswith("$")
        }
        in_ram = [s for s in loads if s["p_vaddr"] >= board.ram_origin]
        copied = tuple((s["p_vaddr"], s.data()) for s in in_ram if s["p_filesz"])
        functions = [s["st_value"] for s in table.iter_symbols() if s["st_info"]["type"] == "STT_FUNC"]
    return Program(
        images,
        symbols,
        sum(len(data) for _, data in images),
        sum(s["p_memsz"] for s in in_ram),
        board,
        copied,
        any(address >= board.ram_origin for address in functions),
    )


def object_flash_bytes(sources: Mapping[str, str], unit: str, compiler: Compiler) -> int:
    """Flash of all that one unit of ``sources`` (file name -> text) defines, sections aligned to words.

    Raises ToolchainError.
    """
    from elftools.elf.constants import SH_FLAGS
    from elftools.elf.elffile import ELFFile

    with scratch_folder() as folder:
        for name, text in sources.items():
            (folder / name).write_text(text, encoding="utf-8")
        compiler.compile(folder / unit, folder / "unit.o")
        with (folder / "unit.o").open("rb") as file:
            sections = [each.header for each in ELFFile(file).iter_sections()]
    kept = (
        each.sh_size
        for each in sections
        if each.sh_type == "SHT_PROGBITS" and each.sh_flags & SH_FLAGS.SHF_ALLOC
    )
    return sum(-(-size // 4) * 4 for size in kept)


def _from(origin: int, address: int, data: bytes) -> tuple[int, bytes]:
    """What of a segment lies in the board's flash: linkers also load the file's own headers, below it."""
    below = max(origin - address, 0)
    return address + below, data[below:]


def link(
    sources: Mapping[str, str], compiler: Compiler, options: tuple[str, ...] = (), board: Board = MKR_ZERO
) -> Program:
    """Compile and link ``sources`` (file name -> text) by the board's memory map.

    ``options`` go to the compiler as they are. Raises MemoryOverflowError or ToolchainError.
    """
    with scratch_folder() as folder:
        for name, text in sources.items():
            (folder / name).write_text(text, encoding="utf-8")
        script = folder / "board.ld"
        script.write_text(_linker_script(board), encoding="utf-8")
        # The library's units read none of the harness's definitions; any other option may change their code.
        if all(option.startswith(_DEFINITIONS) for option in options):
            compiler.link(compiled(sources, folder, compiler, options), script, folder / "program.elf")
        else:
            units = [folder / name for name in sources if name.endswith((".c", ".S"))]
            compiler.link(units, script, folder / "program.elf", (f"-I{folder}", *options))
        program = read_program(folder / "program.elf", board)
    _check_size("flash", program.flash_bytes - board.flash_bytes)
    _check_size("RAM", program.ram_bytes - board.ram_bytes)
    return program


def build_model(
    sources: Mapping[str, str],
    input_dtype: str,
    input_size: int,
    output_size: int,
    compiler: Compiler,
    output_dtype: str = "int8",
    board: Board = MKR_ZERO,
    is_stream: bool = False,
) -> Program:
    """Link a model, generated under the name MODEL_NAME, with start-up and a main() that calls it once.

    dtypes: "int8" or "int32"; sizes in elements. ``is_stream``: the model has RESET, which main() calls too.
    """
    return link(
        {**_harness("startup.S", "main.c"), **sources},
        compiler,
        _defines((input_dtype, input_size), (output_dtype, output_size), is_stream),
        board,
    )


def build_empty(
    input_dtype: str,
    input_size: int,
    output_size: int,
    compiler: Compiler,
    output_dtype: str = "int8",
    board: Board = MKR_ZERO,
    is_stream: bool = False,
) -> Program:
    """Link the same program around a model that does nothing: the two sizes differ by what the model adds."""
    sources = _harness("startup.S", "main.c", "empty.c")
    defines = _defines((input_dtype, input_size), (output_dtype, output_size), is_stream)
    return link(sources, compiler, defines, board)


def build_ids_model(
    sources: Mapping[str, str], ids: int, scores: int, compiler: Compiler, board: Board = MKR_ZERO
) -> Program:
    """As build_model(), of a model that adds at most ``ids`` ids a call and gives ``scores``, both int32."""
    files = {**_harness("startup.S", "main_ids.c"), **sources}
    return link(files, compiler, _ids_defines(ids, scores), board)


def build_ids_empty(ids: int, scores: int, compiler: Compiler, board: Board = MKR_ZERO) -> Program:
    """As build_empty(), of a model that adds ids."""
    sources = _harness("startup.S", "main_ids.c", "empty_ids.c")
    return link(sources, compiler, _ids_defines(ids, scores), board)


def _ids_defines(ids: int, scores: int) -> tuple[str, ...]:
    return (f"-DINPUT_SIZE={ids}", f"-DOUTPUT_SIZE={scores}")


def _harness(*names: str) -> dict[str, str]:
    return {f"harness_{name}": harness_file(name) for name in names}


def harness_file(name: str) -> str:
    """Text of one file of harness/."""
    return (resources.files("zerotap.firmware.simulation") / "harness" / name).read_text(encoding="utf-8")


def _defines(source: tuple[str, int], target: tuple[str, int], is_stream: bool) -> tuple[str, ...]:
    ends = (("INPUT", *source), ("OUTPUT", *target))
    defines = (
        define for end, dtype, size in ends for define in (f"-D{end}_TYPE={dtype}_t", f"-D{end}_SIZE={size}")
    )
    return (*defines, *(("-DINPUT_IS_STREAM",) if is_stream else ()))


def _check_size(memory: str, excess_bytes: int) -> None:
    if excess_bytes > 0:
        raise MemoryOverflowError(memory, excess_bytes)


def _linker_script(board: Board) -> str:
    return string.Template(harness_file("board.ld")).substitute(
        flash_origin=hex(board.flash_origin),
        ram_origin=hex(board.ram_origin),
        stack_top=hex(board.ram_origin + board.ram_bytes),
    )
