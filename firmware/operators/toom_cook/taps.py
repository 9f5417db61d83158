"""The text that makes an output's words of weights from its taps, a byte each: values at all points.

At p/q and -p/q taps with even and with odd powers have the same sums but for a sign. One of p and q is 1, so
these are Horner's, in the square of the other.

r0 and r1 both sums, r2 where words go, r3 a number or where taps are, r4 to r11 the taps of a channel,
r12 where the next ones are, lr where they end.
"""

from __future__ import annotations

from typing import Final

from zerotap.firmware.operators.board_code.text import Text, moved

from .tiles import WORD_BYTES, Tiles

_TAPS: Final = ("r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11")
MOST_TAPS: Final = len(_TAPS)
"""Of a channel, in a register each."""
_EXTRACTED: Final = (
    ("sxtb {0}, r0",),
    ("lsls {0}, r0, #16", "asrs {0}, {0}, #24"),
    ("lsls {0}, r0, #8", "asrs {0}, {0}, #24"),
    ("asrs {0}, r0, #24",),
)
"""A byte of r0, by its place."""


def values(tiles: Tiles) -> Text:
    """Called with r3 taps [channel][tap], r2 where words [point][channel] go; lr becomes the next taps."""
    text, once, line = Text(), Text(), tiles.line
    text.add(["mov r12, r3", *moved("r3", line.channels * line.kernel, "r0"), "mov lr, r3"])
    once.add(["mov r3, r12", *_loaded(line.kernel), "mov r12, r3", f"str {_TAPS[0]}, [r2, #0]"])
    step = WORD_BYTES * line.channels
    for number in tiles.transform.pairs:
        once.add(_at(*number, line.kernel))
        once.add(["adds r3, r0, r1", f"adds r2, #{step}", "str r3, [r2, #0]"])
        once.add(["subs r0, r0, r1", f"adds r2, #{step}", "str r0, [r2, #0]"])
    once.add(moved("r2", WORD_BYTES - (tiles.transform.inputs - 1) * step, "r3"))
    text.loop("3", once, line.channels, ["cmp r12, lr"])
    return text


def _loaded(taps: int) -> list[str]:
    """The taps of a channel from r3 on, which moves behind them: whole words where they are some."""
    lines: list[str] = []
    if taps % WORD_BYTES:
        for place, register in enumerate(_TAPS[:taps]):
            lines += [f"movs r1, #{place}", *_signed(register, "ldrsb {}, [r3, r1]")]
        return [*lines, f"adds r3, #{taps}"]
    for first in range(0, taps, WORD_BYTES):
        lines.append("ldmia r3!, {r0}")
        for place, register in enumerate(_TAPS[first : first + WORD_BYTES]):
            lines += _signed(register, *_EXTRACTED[place])
    return lines


def _signed(register: str, *lines: str) -> list[str]:
    """Lines whose result goes to a register, by r1 where that is above r7."""
    if register in _TAPS[:4]:
        return [line.format(register) for line in lines]
    return [*(line.format("r1") for line in lines), f"mov {register}, r1"]


def _at(p: int, q: int, taps: int) -> list[str]:
    """r0 and r1: the sums of taps with even and with odd powers of p, at p/q."""
    every = range(taps)[::-1] if q == 1 else range(taps)
    base, square = max(p, q), max(p, q) ** 2
    is_power = not square & (square - 1)
    lines = [] if is_power else [f"movs r3, #{square}"]
    for parity, total in enumerate(("r0", "r1")):
        first, *others = (tap for tap in every if tap % 2 == parity)
        lines.append(f"mov {total}, {_TAPS[first]}")
        for tap in others:
            lines += [*_times(total, square), _added(total, _TAPS[tap])]
    # What is left of the powers behind the last square.
    odd = [total for parity, total in enumerate(("r0", "r1")) if _is_odd(parity, q, taps)]
    if not is_power and odd:
        lines.append(f"movs r3, #{base}")
    return [*lines, *(line for total in odd for line in _times(total, base))]


def _is_odd(parity: int, q: int, taps: int) -> bool:
    """Whether powers of taps of a parity are odd: of p, or where that is 1, of q."""
    return bool((parity if q == 1 else taps - 1 - parity) % 2)


def _times(total: str, factor: int) -> list[str]:
    """A sum times a factor, which is in r3 unless it is a power of two."""
    if factor == 1:
        return []
    if not factor & (factor - 1):
        return [f"lsls {total}, {total}, #{factor.bit_length() - 1}"]
    return [f"muls {total}, r3, {total}"]


def _added(total: str, tap: str) -> str:
    return f"adds {total}, {total}, {tap}" if tap in _TAPS[:4] else f"add {total}, {tap}"
