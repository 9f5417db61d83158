"""What follows the sums in a body: each to int8 by its own constants, and where results go.

A result is that of zerotap_scale_sums and its other forms, in the same steps. Every way takes as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from zerotap.firmware.c_code.assembly import instructions
from zerotap.firmware.operators.parts.requantisation import LateScales, Scales

from . import results
from .sums import LOW_REGISTERS, POINTER, TEMPORARY, Registers, Sums, is_low, moved

# {low, fraction, factor, offset}.
LATE_BYTES: Final = 16
_STEP_OFFSET: Final = 20
_NO_SCALES: Final = Scales((), 0, False, False)


class Ending(Enum):
    """What becomes of an output's two results."""

    STORE = "stored"
    MAXIMUM = "the larger one, stored"
    MEAN = "added up"
    LARGEST = "the largest of all, stored"

    @property
    def is_kept(self) -> bool:
        """Whether there is one result of all turns."""
        return self in (Ending.MEAN, Ending.LARGEST)

    @property
    def is_single(self) -> bool:
        """Whether the larger one of both sums goes on alone."""
        return self in (Ending.MAXIMUM, Ending.LARGEST)


@dataclass(frozen=True, slots=True)
class Places:
    """How the end of a body reaches what it needs, in a register above r7 or on the stack ("[sp, #4]").

    ``scales`` and ``output`` are pointers; ``totals`` what is kept of all turns. ``spare`` registers hold
    what is in the way while others are worked on.
    """

    scales: str
    output: str
    spare: tuple[str, ...]
    totals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """What is written: ``channels`` from the ``first`` one on; ``apart`` bytes to the second position's
    results, ``step`` to the next turn's."""

    ending: Ending
    first: int
    channels: tuple[int, ...]
    apart: int
    step: int


def end_lines(
    made: Sums,
    registers: Registers,
    form: Scales,
    late: LateScales | None,
    target: Target,
    places: Places,
    others: Sequence[tuple[str, ...]] = (),
) -> list[str]:
    """The lines behind ``made``; places.scales has the outputs' constants, those of ``late`` if it is there.

    They leave the pointer to the words where it was. ``others``: where, on the stack, other sums of an output
    are at both positions, of which the larger ones go on.
    """
    writer = _End(registers, form, late, target, places)
    for output, state in enumerate(made.outputs):
        writer.unpack(output, state.is_negative, state.has_closed)
        writer.take_larger(output, others[output] if others else ())
    for output in range(len(made.outputs)):
        if target.ending is Ending.LARGEST:
            writer.keep_larger(output)
        else:
            writer.result(output)
    writer.finish()
    return writer.lines


def kept_sums(made: Sums, registers: Registers) -> list[str]:
    """The lines behind ``made`` that leave each output's sums in its registers: ``sums`` and ``high``."""
    nothing = Target(Ending.STORE, 0, (), 0, 0)
    writer = _End(registers, _NO_SCALES, None, nothing, Places("", "", ()))
    for output, state in enumerate(made.outputs):
        writer.unpack(output, state.is_negative, state.has_closed)
    return writer.lines


def kept_result(form: Scales, total: str, scales: str, number: int) -> list[str]:
    """The largest sum, in ``total``, to int8 in r1; r2 to r7 are lost."""
    lines = instructions(_load("r1", total), _load("r2", scales), *moved("r2", number * form.size_bytes))
    lines += instructions("ldmia r2!, {r3, r4, r5, r6, r7}", "subs r1, r1, r3")
    lines += [*results.at_least_zero("r1"), *results.at_most("r1", "r4")]
    lines += results.scaled(form, "r1", "r5", "r6", "r7", ["r7"])
    if form.is_signed:
        lines += [*instructions("ldr r3, [r2]"), *results.less_step(form, ["r1"], "r3", "r4")]
    return [*lines, *instructions("lsrs r1, r1, #24")]


def _load(register: str, place: str) -> str:
    return f"ldr {register}, {place}" if place.startswith("[") else f"mov {register}, {place}"


def _store(register: str, place: str) -> str:
    return f"str {register}, {place}" if place.startswith("[") else f"mov {place}, {register}"


@dataclass(slots=True)
class _End:
    registers: Registers
    form: Scales
    late: LateScales | None
    target: Target
    places: Places
    lines: list[str] = field(default_factory=list)
    # The registers of each output's sums, and then of its results, as long as they are not stored.
    held: dict[int, list[str]] = field(default_factory=dict)
    done: list[int] = field(default_factory=list)
    parked: dict[str, str] = field(default_factory=dict)
    # What points to the next output's constants, where they are read one after the other.
    base: str = ""

    def write(self, *text: str) -> None:
        self.lines += instructions(*text)

    def unpack(self, output: int, is_negative: bool, has_closed: bool) -> None:
        """Both sums of an output in low registers, in the second the one of the second position."""
        total, high = self.registers.sums[output], self._high(output)
        if is_negative:
            self.write(f"rsbs {total}, {total}, #0")
        if not has_closed:
            self.write(f"movs {high}, #0")
        elif high != self.registers.high[output]:
            self.write(f"mov {high}, {self.registers.high[output]}")
        self.write(f"asrs {TEMPORARY}, {total}, #16", f"adcs {high}, {TEMPORARY}")
        if has_closed:
            self.write(f"add {total}, {self.registers.whole[output]}")
            self.write(f"lsls {TEMPORARY}, {high}, #16", f"subs {total}, {total}, {TEMPORARY}")
        else:
            self.write(f"sxth {total}, {total}")
        self.held[output] = [total, high]
        if self.target.ending.is_single:
            self.write(f"cmp {total}, {high}", "bge 8f", f"mov {total}, {high}", "8:")
            self.held[output] = [total]

    def take_larger(self, output: int, others: Iterable[str]) -> None:
        """Of each sum of an output and another one, on the stack, the larger one."""
        for value, other in zip(self.held[output], others, strict=False):
            self.write(f"ldr {TEMPORARY}, {other}", f"cmp {value}, {TEMPORARY}", "bge 8f")
            self.write(f"mov {value}, {TEMPORARY}", "8:")

    def _high(self, output: int) -> str:
        """The low register of the second sum: its own, or one that held a word."""
        own = self.registers.high
        above = [number for number, register in enumerate(own) if not is_low(register)]
        return own[output] if is_low(own[output]) else self.registers.words[above.index(output)]

    def result(self, output: int) -> None:
        """The output's sums to int8, in the upper byte or, where they are clamped last, in the lower one."""
        self._restore(output)
        self._make_room(output)
        if self.late is None:
            self._clamped_first(output)
        else:
            self._clamped_last(output, self.late)
        self.done.append(output)
        if self.target.ending is Ending.MEAN:
            self._add_up(output)

    def _clamped_last(self, output: int, late: LateScales) -> None:
        if not self.base:
            # What is parked comes back while the base is needed.
            self.base = next(each for each in self._free() if each not in self.parked)
            offset = output * LATE_BYTES
            self.write(_load(self.base, self.places.scales), *moved(self.base, offset))
        free, values = self._free(), self.held[output]
        low, fraction, factor = free[:3]
        at_once = len(free) > 3
        self.write(f"ldmia {self.base}!, {{{', '.join(free[:4] if at_once else free[:3])}}}")
        for value in values:
            self.write(f"subs {value}, {value}, {low}")
            self.lines += results.at_least_zero(value)
        for value in values[:-1]:
            self.write(f"mov {low}, {factor}")
            self.lines += results.late_scaled(late.form, value, fraction, low)
        self.lines += results.late_scaled(late.form, values[-1], fraction, factor)
        last = free[3] if at_once else low
        self.write(*([] if at_once else [f"ldmia {self.base}!, {{{last}}}"]))
        for value in values:
            self.lines += results.late_result(late.form, value, last, late.clamps(output))

    def _clamped_first(self, output: int) -> None:
        values, free = self.held[output], self._free()
        base = free[0]
        self.write(_load(base, self.places.scales), *moved(base, output * self.form.size_bytes))
        constants, spare = self._clamped(values, free)
        fraction, factor, offset = constants
        for value in values[:-1]:
            self.write(f"mov {spare[0]}, {factor}")
            self.lines += results.scaled(self.form, value, fraction, spare[0], offset, spare[1:])
        self.lines += results.scaled(self.form, values[-1], fraction, factor, offset, [offset])
        if self.form.is_signed:
            self._take_step(values, output, free)

    def _clamped(self, values: Sequence[str], free: list[str]) -> tuple[list[str], list[str]]:
        """The values from 0 to their span; the registers of the other three constants, and those left.

        All five are loaded at once where there is room for them, and for what else is needed.
        """
        base, at_once = free[0], len(free) >= self._needed() + 2
        low, span = free[:2] if at_once else free[1:3]
        constants = free[2:5] if at_once else free[:3]
        loaded = f"{{{', '.join(free[:5])}}}" if at_once else f"{{{low}, {span}}}"
        self.write(f"ldmia {base}{'' if at_once else '!'}, {loaded}")
        for value in values:
            self.write(f"subs {value}, {value}, {low}")
            self.lines += [*results.at_least_zero(value), *results.at_most(value, span)]
        if not at_once:
            self.write(f"ldmia {base}, {{{', '.join(constants)}}}")
        return constants, [register for register in free if register not in constants]

    def _take_step(self, values: Iterable[str], number: int, free: Sequence[str]) -> None:
        step, middle = free[:2]
        offset = number * self.form.size_bytes + _STEP_OFFSET
        self.write(_load(step, self.places.scales), f"ldr {step}, [{step}, #{offset}]")
        self.lines += results.less_step(self.form, values, step, middle)

    def _add_up(self, output: int) -> None:
        first, second = self.held.pop(output)
        self.done.remove(output)
        if self.late is None:
            self.write(f"asrs {first}, {first}, #24", f"asrs {second}, {second}, #24")
        self.write(f"adds {first}, {first}, {second}")
        free = second
        place = self.places.totals[output]
        if place.startswith("["):
            self.write(f"ldr {free}, {place}", f"adds {free}, {free}, {first}", f"str {free}, {place}")
        else:
            self.write(f"add {place}, {first}")

    def keep_larger(self, output: int) -> None:
        """The larger one of the sum and the largest so far."""
        (value,), place = self.held.pop(output), self.places.totals[output]
        if place.startswith("["):
            kept = TEMPORARY
            self.write(f"ldr {kept}, {place}", f"cmp {kept}, {value}", "bge 8f", f"mov {kept}, {value}")
            self.write("8:", f"str {kept}, {place}")
        else:
            self.write(f"cmp {value}, {place}", "ble 8f", f"mov {place}, {value}", "8:")

    def _needed(self) -> int:
        """Registers beside the values: three constants, and with two values what a product is made in."""
        if self.late is not None:
            return 3 + (not self.base) + self.target.ending.is_single
        two = self.target.ending is not Ending.MAXIMUM
        return 3 + two + (two and self.form.is_wide)

    def _free(self) -> list[str]:
        """Low registers that hold nothing, or what is parked."""
        taken = {register for registers in self.held.values() for register in registers}
        taken = ((taken | {POINTER}) - set(self.parked)) | {self.base}
        return [register for register in LOW_REGISTERS if register not in taken]

    def _make_room(self, output: int) -> None:
        """Store what is done, or park what is not yet looked at, until there is room."""
        if len(self._free()) < self._needed():
            self._flush()
        waiting = [each for number in self.held if number > output for each in self.held[number]]
        for register in (POINTER, *waiting[::-1]):
            if len(self._free()) < self._needed() and register not in self.parked:
                spare = next(each for each in self.places.spare if each not in self.parked.values())
                self.parked[register] = spare
                self.write(f"mov {spare}, {register}")

    def _restore(self, output: int) -> None:
        for register in [each for each in self.held[output] if each in self.parked]:
            self.write(f"mov {register}, {self.parked.pop(register)}")

    def _flush(self) -> None:
        """Store what is done; the pointer stays."""
        if self.done:
            output = next(each for each in self._free())
            self.write(_load(output, self.places.output))
            self._positions(output)
            self.done.clear()

    def _positions(self, output: str) -> None:
        """Store the results at each position, and leave the pointer at the last one's."""
        first = self.done[0]
        for position in range(len(self.held[first])):
            self.write(*(moved(output, self.target.apart) if position else ()))
            for number in self.done:
                value = self.held[number][position]
                offset = self.target.channels[number]
                self.write(*([] if self.late else [f"lsrs {value}, {value}, #24"]))
                self.write(f"strb {value}, [{output}, #{offset}]")
        for number in list(self.done):
            del self.held[number]

    def finish(self) -> None:
        """Store what is left, move the output on, and take the pointer back."""
        if not self.target.ending.is_kept:
            self._store_last()
        if POINTER in self.parked:
            self.write(f"mov {POINTER}, {self.parked.pop(POINTER)}")

    def _store_last(self) -> None:
        self.base = ""
        output = self._free()[0]
        is_pair = len(self.held[self.done[0]]) > 1
        self.write(_load(output, self.places.output))
        self._positions(output)
        self.write(*moved(output, self.target.step - (self.target.apart if is_pair else 0)))
        self.write(_store(output, self.places.output))
