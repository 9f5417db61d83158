"""Exceptions: what is pending, which may be taken, and how the core enters and leaves a handler.

ARMv6-M Architecture Reference Manual (ARM DDI 0419), chapters B1.5 and B3.4. Entry takes 15 cycles and
return 13, at zero wait states; handlers that follow each other without a return between them
(tail-chaining) cost both here.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

from .engine import EXC_RETURNS, Engine

SVC, PENDSV, SYSTICK, FIRST_IRQ = 11, 14, 15, 16
_ENTRY_CYCLES, _RETURN_CYCLES = 15, 13
_WORDS: Final = struct.Struct("<8I")  # r0 to r3, r12, lr, pc, xpsr
_FLAGS, _THUMB_STATE, _PADDED = 0xF000_0000, 1 << 24, 1 << 9
_LOWEST: Final = 256  # the priority of what is no exception


class Exceptions:
    """``vectors``: where the table is; ``enabled``: IRQs by bit; ``priorities``: 0 to 192 by exception.

    ``on_change()`` is called when something becomes pending or active, or ends.
    """

    def __init__(self, engine: Engine, vectors: int) -> None:
        self._engine = engine
        self.vectors = vectors
        self.enabled = 0
        self.pending: set[int] = set()
        self.active: list[int] = []
        self.priorities: dict[int, int] = {}
        self._lines: set[int] = set()
        self.on_change: Callable[[], None] = lambda: None

    def pend(self, number: int) -> None:
        """Make an exception pending; the core looks at it before its next block."""
        self.pending.add(number)
        self.on_change()
        self.look()

    def look(self) -> None:
        """Have the core stop before its next block, to see what may be taken."""
        self._engine.state.deadline = 0

    def set_line(self, irq: int, level: bool) -> None:
        """Set the line by which a peripheral asks for its interrupt: pending as long as it is high."""
        number = FIRST_IRQ + irq
        if not level:
            self._lines.discard(number)
        elif number not in self._lines:
            self._lines.add(number)
            self.pend(number)

    def clear(self, number: int) -> None:
        """Clear a pending exception, as software can: one whose line is high stays."""
        if number not in self._lines:
            self.pending.discard(number)
            self.on_change()

    def take(self) -> bool:
        """Enter the handler of what is most urgent; False where nothing may be taken now."""
        number = self._next()
        self._engine.state.awaits_unmasking = number is not None and bool(self._engine["primask"] & 1)
        if number is None or self._engine.state.awaits_unmasking:
            return False
        self._enter(number)
        return True

    def wakes(self) -> bool:
        """Whether something is pending that ends a WFI, PRIMASK or not."""
        return self._next() is not None

    def _next(self) -> int | None:
        ready = [each for each in self.pending if each < FIRST_IRQ or self.enabled >> (each - FIRST_IRQ) & 1]
        if not ready:
            return None
        number = min(ready, key=lambda each: (self._priority(each), each))
        running = min(map(self._priority, self.active), default=_LOWEST)
        return number if self._priority(number) < running else None

    def _priority(self, number: int) -> int:
        return self.priorities.get(number, 0)

    def _enter(self, number: int) -> None:
        engine = self._engine
        *words, psr, sp, control = engine.frame.read()
        if control & 2:
            raise engine.fault("it uses the process stack, which is not modelled")
        below = self._push([*words[:-1], words[-1] & ~1, psr], sp)
        link, handler = EXC_RETURNS[0 if self.active else 1], engine.word(self.vectors + 4 * number)
        engine.jump.write([link, handler, psr & _FLAGS | _THUMB_STATE | number, below])
        self.active.append(number)
        self.pending.discard(number)
        self._spend(_ENTRY_CYCLES)

    def _push(self, words: list[int], sp: int) -> int:
        """Put a frame on the stack; where SP is then."""
        words[-1] = words[-1] & ~_PADDED | (_PADDED if sp & 4 else 0)
        below = (sp - _WORDS.size) & ~7
        self._engine.write(below, _WORDS.pack(*words))
        self._engine.state.lowest_sp = min(self._engine.state.lowest_sp, below)
        return below

    def leave(self) -> None:
        """Return from the handler that runs; a line that is still high makes its exception pending again."""
        engine = self._engine
        if not self.active:
            raise engine.fault("it returned from an exception outside of one")
        number, sp = self.active.pop(), engine["sp"]
        *words, psr = _WORDS.unpack(engine.read(sp, _WORDS.size))
        words[-1] |= 1  # Thumb
        back = psr & _FLAGS | _THUMB_STATE | (self.active[-1] if self.active else 0)
        engine.frame.write([*words, back, sp + _WORDS.size + (4 if psr & _PADDED else 0)])
        if number in self._lines:
            self.pending.add(number)
        self._spend(_RETURN_CYCLES)

    def _spend(self, cycles: int) -> None:
        self.on_change()
        self._engine.state.cycles += cycles
        self._engine.state.fall_through = 0
