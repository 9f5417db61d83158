"""A simulated board: an image booted, run until something is true, and all that it is connected to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from zerotap.firmware.board import MKR_ZERO
from zerotap.firmware.board import Board as BoardRow

from .bus import Bus
from .engine import Engine, Stop
from .exceptions import SVC, Exceptions
from .faults import ImageError
from .image import read_image
from .machine import Machine
from .outside import Outside, Pins, SerialLine
from .peripherals.registry import attach_peripherals
from .timeline import Timeline

_CHIP: Final = "SAMD21G18A"
_SLICE: Final = 48_000  # cycles after which a condition is asked again, whatever happens


class Board:
    """A board with ``image``, an .elf or .bin or their bytes, in its flash: power has just come on.

    ``pins`` and ``uart`` (Serial1) are what it is connected to; ``resets`` counts those that the sketch made.
    Raises ImageError for what is no image for ``board``, HookError where the compiled hook cannot be had.
    """

    def __init__(self, image: bytes | Path, board: BoardRow = MKR_ZERO) -> None:
        if board.chip != _CHIP:
            raise ImageError(
                f"the {board.name} is not simulated as a whole board: only those with a {_CHIP} are"
            )
        self._image = read_image(image, board)
        self._board = board
        self._outside = Outside()
        self.resets = 0
        self._boot(0)

    def _boot(self, cycle: int) -> None:
        self._engine = engine = Engine(self._image, self._board)
        engine.state.cycles = cycle
        self._exceptions = Exceptions(engine, self._board.flash_origin)
        self._timeline = Timeline(lambda: int(engine.state.cycles), engine.stop_at)
        self._machine = Machine(self._board, engine, self._exceptions, self._timeline, self._outside)
        attach_peripherals(self._machine, Bus(engine))
        engine["sp"], engine["pc"] = self._image.stack_top, self._image.entry | 1
        engine.state.lowest_sp = self._image.stack_top

    def run_until(self, condition: Callable[[], bool] | None = None, *, seconds: float) -> bool:
        """Run for so many seconds of the board's time, or until ``condition()`` holds, and whether it does.

        It is asked whenever something happens, and at least each millisecond. Raises BoardFault where the
        sketch does what stops a board.
        """
        limit = self.cycles + round(seconds * self._board.clock_hz)
        while self.cycles < limit:
            self._timeline.run_due()
            if condition is not None and condition():
                return True
            while self._exceptions.take():
                pass
            self._run(limit)
        return condition is not None and condition()

    def _run(self, limit: int) -> None:
        following = self._timeline.next
        state = self._engine.state
        state.deadline = min(limit, state.cycles + _SLICE, limit if following is None else following)
        stop = self._engine.run()
        if stop is Stop.RETURN:
            self._exceptions.leave()
        elif stop is Stop.SVC:
            self._exceptions.pend(SVC)
        elif stop is Stop.RESET:
            self._reset()
        elif stop is Stop.SLEEP and not self._exceptions.wakes():
            self._sleep(limit)

    def _sleep(self, limit: int) -> None:
        """Let time go by until something happens."""
        following = self._timeline.next
        state = self._engine.state
        state.cycles = max(
            state.cycles, min(limit, state.cycles + _SLICE, limit if following is None else following)
        )

    def _reset(self) -> None:
        self.resets += 1
        before = self._engine
        self._boot(self.cycles)
        memory = before.read(0, self._board.flash_origin + self._board.flash_bytes)
        self._engine.write(0, memory)

    @property
    def cycles(self) -> int:
        """Cycles since power came on, at zero wait states."""
        return int(self._engine.state.cycles)

    @property
    def seconds(self) -> float:
        """The board's time since power came on."""
        return self.cycles / self._board.clock_hz

    @property
    def stack_used(self) -> int:
        """Bytes of stack at most so far, handlers of interrupts included."""
        return self._image.stack_top - int(self._engine.state.lowest_sp)

    @property
    def uart(self) -> SerialLine:
        """Serial1."""
        return self._outside.line("SERCOM5")

    @property
    def pins(self) -> Pins:
        """Every pin, by the chip's name."""
        return self._outside.pins

    def read_memory(self, address: int, size: int) -> bytes:
        """Memory as the sketch sees it."""
        return self._engine.read(address, size)

    @property
    def symbols(self) -> dict[str, int]:
        """Functions and variables of the image by name; none of a .bin."""
        return self._image.symbols
