"""NAME_add of a linear table as assembly for the board: sums in registers, a load or two a column and id.

Of one column no register is saved, so that one id a call is cheap, too. So many ids take the same time
whichever they are. r0 the ids, r1 how many are left, r2 the weights or the codebook, r3 to r5 at work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from zerotap.features.integer_models import LEVELS
from zerotap.firmware.c_code.assembly import DIALECT, code_bytes, cycles, function_text, instructions

if TYPE_CHECKING:
    from zerotap.features import LinearTable

COLUMNS_MOST: Final = 8
"""As many sums are held in registers; more columns are added in C."""
_SAVED: Final = ("r8", "r9", "r10", "r11")
_WORKING: Final = ("r4", "r5", "r6", "r7")
_RETURN: Final = "    bx lr"


@dataclass(frozen=True, slots=True)
class AddKernel:
    """NAME_add: its ``text``, and what it costs, to the byte and the cycle (zero wait states).

    n ids, at least one, take ``cycles_a_call`` and n times ``cycles_an_id``.
    """

    text: str
    code_bytes: int
    stack_bytes: int
    cycles_a_call: int
    cycles_an_id: int


@dataclass(frozen=True, slots=True)
class _Table:
    """What is written for a table of so many columns; the C's struct and arrays begin with ``name``."""

    name: str
    columns: int
    is_small: bool
    is_counted: bool

    @property
    def has_two_ways(self) -> bool:
        """Whether an id's parity says in which half of a byte its row begins."""
        return self.is_small and self.columns % 2 == 1

    @property
    def step(self) -> int:
        """By what an id is multiplied: weights of a row, or their bytes."""
        return self.columns // 2 if self.is_small and not self.has_two_ways else self.columns

    @property
    def multiplies(self) -> bool:
        """Whether a register holds the step: powers of two are shifts."""
        return self.step & (self.step - 1) != 0

    @property
    def multiplier(self) -> str:
        return "r6" if self.is_small else "r5"

    @property
    def sums(self) -> tuple[str, ...]:
        """The registers of the columns."""
        if self.columns == 1:
            return ("r12",)
        free = [each for each in _WORKING[2 if self.is_small else 1 :] if each != self._taken]
        return (*free, "r12", "lr", *_SAVED)[: self.columns]

    @property
    def _taken(self) -> str:
        return self.multiplier if self.multiplies else ""

    @property
    def saved(self) -> tuple[str, ...]:
        """Registers that are put on the stack by way of the working ones."""
        return tuple(each for each in self.sums if each in _SAVED)


def add_kernel(model: LinearTable, name: str = "model") -> AddKernel | None:
    """The kernel for a table, None where it has more columns than registers hold."""
    if model.columns > COLUMNS_MOST:
        return None
    table = _Table(name, model.columns, model.codebook is not None, model.by_root)
    begin, end = (_begin_one(table), _end_one(table)) if table.columns == 1 else (_begin(table), _end(table))
    loop = _loop(table)
    lines = [*begin, *loop, *end]
    return AddKernel(
        f"{DIALECT}{function_text(f'{name}_add', lines)}",
        code_bytes(lines),
        0 if table.columns == 1 else 20 + 4 * len(table.saved),
        # The last jump back is none; of two ways each has one more to the end. Ids jump over the return.
        cycles(begin) + cycles(end) - 1 + 2 * table.has_two_ways - (_RETURN in begin),
        _cycles_an_id(table),
    )


def _cycles_an_id(table: _Table) -> int:
    """Load and place, then each column: read, the nibble's half of a byte, add; and the jump back."""
    columns = table.columns
    placed = 2 + (columns > 1 and table.step > 1)
    if not table.is_small:
        return placed + 4 * columns - 1 + 3
    if table.has_two_ways:
        return placed + 3 + 11 * (columns // 2) + 7 + 3
    return placed + 1 + 11 * (columns // 2) + 3


def _counted(table: _Table) -> list[str]:
    """The number of ids, where scores are by its root."""
    return instructions("ldr r3, [r2]", "adds r3, r3, r1", "str r3, [r2]") if table.is_counted else []


def _base(table: _Table) -> str:
    """Where r2 points to: the codebook, or as far before the weights as an id of 1 is behind."""
    return f"{table.name}_table" if table.is_small else f"{table.name}_weights - {table.columns}"


def _begin_one(table: _Table) -> list[str]:
    return [
        *instructions(f"ldr r2, ={table.name}_text"),
        *_counted(table),
        *instructions("ldr r3, [r2, #4]", "mov r12, r3", f"ldr r2, ={_base(table)}"),
        *instructions("subs r1, r1, #1", "bmi 2f"),
    ]


def _end_one(table: _Table) -> list[str]:
    return ["2:", *instructions(f"ldr r2, ={table.name}_text", "mov r3, r12", "str r3, [r2, #4]", "bx lr")]


def _begin(table: _Table) -> list[str]:
    moved = [f"mov {low}, {high}" for low, high in zip(_WORKING, table.saved, strict=False)]
    if moved:
        moved.append(f"push {{{', '.join(_WORKING[: len(table.saved)])}}}")
    loads = []
    for number, register in enumerate(table.sums, 1):
        is_low = register in _WORKING
        loads.append(f"ldr {register if is_low else 'r3'}, [r2, #{4 * number}]")
        loads += [] if is_low else [f"mov {register}, r3"]
    return [
        *instructions("cmp r1, #0", "bne 1f"),
        _RETURN,
        "1:",
        *instructions("push {r4-r7, lr}", *moved, f"ldr r2, ={table.name}_text"),
        *_counted(table),
        *instructions(*loads, f"ldr r2, ={_base(table)}"),
        *instructions(*([f"movs {table.multiplier}, #{table.step}"] if table.multiplies else [])),
    ]


def _end(table: _Table) -> list[str]:
    stores = []
    for number, register in enumerate(table.sums, 1):
        is_low = register in _WORKING
        stores += [] if is_low else [f"mov r3, {register}"]
        stores.append(f"str {register if is_low else 'r3'}, [r2, #{4 * number}]")
    working = _WORKING[: len(table.saved)]
    back = [f"pop {{{', '.join(working)}}}"] if working else []
    back += [f"mov {high}, {low}" for low, high in zip(working, table.saved, strict=True)]
    return ["2:", *instructions(f"ldr r2, ={table.name}_text", *stores, *back, "pop {r4-r7, pc}")]


def _loop(table: _Table) -> list[str]:
    back = ["subs r1, r1, #1", "bpl 1b" if table.columns == 1 else "bne 1b"]
    start = ["1:", *instructions("ldmia r0!, {r3}", *_placed(table))]
    if not table.is_small:
        return [*start, *instructions(*_bytes(table), *back)]
    row = LEVELS - (table.columns + 1) // 2  # from the book to where an id of 0 has its row
    if not table.has_two_ways:
        return [*start, *instructions("adds r3, r3, r2", *_nibbles(table, 0, row), *back)]
    low = instructions("adds r3, r3, r2", *_nibbles(table, 0, row + 1), *back, "b 2f")
    high = instructions("adds r3, r3, r2", *_nibbles(table, 1, row), *back, "b 2f")
    return [*start, *instructions("lsrs r3, r3, #1", "bcc 3f"), *low, "3:", *high]


def _placed(table: _Table) -> list[str]:
    if table.multiplies:
        return [f"muls r3, {table.multiplier}, r3"]
    return [f"lsls r3, r3, #{table.step.bit_length() - 1}"] if table.step > 1 else []


def _bytes(table: _Table) -> Iterator[str]:
    for number, register in enumerate(table.sums):
        yield from ["adds r3, r3, #1"] if number else []
        yield "ldrsb r4, [r2, r3]" if table.columns > 1 else "ldrsb r3, [r2, r3]"
        yield f"add {register}, {'r4' if table.columns > 1 else 'r3'}"


def _nibbles(table: _Table, first: int, row: int) -> Iterator[str]:
    """The levels of a row whose cells are nibbles from ``first`` on, of the bytes from ``row`` on."""
    byte, level = ("r4", "r5") if table.columns > 1 else ("r3", "r3")
    for nibble, register in enumerate(table.sums, first):
        if nibble % 2 == 0 or nibble == first:
            yield f"ldrb {byte}, [r3, #{row + nibble // 2}]"
        if nibble % 2:
            yield f"lsrs {level}, {byte}, #4"
        else:
            yield from (f"lsls {level}, {byte}, #28", f"lsrs {level}, {level}, #28")
        yield f"ldrsb {level}, [r2, {level}]"
        yield f"add {register}, {level}"
