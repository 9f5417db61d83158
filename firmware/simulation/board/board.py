"""A simulated board: an image booted, run until something is true, and all that it is connected to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from zerotap.errors import BoardError
from zerotap.firmware.board import MKR_ZERO
from zerotap.firmware.board import Board as BoardRow

from .bus import Bus
from .engine import Engine, Stop
from .exceptions import SVC, Exceptions
from .faults import RegisterFault
from .image import read_image
from .machine import Machine
from .outside import Channels, Outside, Pins, SerialLine, UsbPort
from .peripherals.registry import attach_peripherals
from .timeline import Timeline
from .wiring import wiring_of

_SLICE: Final = 48_000  # cycles after which a condition is asked again, whatever happens


class Board:
    """A board with ``image``, an .elf or .bin or their bytes, in its flash: power has just come on.

    ``pins`` and ``uart`` (Serial1) are what it is connected to; ``resets`` counts those that the sketch made.
    Raises ImageError for what is no image for ``board``, HookError where the compiled hook cannot be had.
    """

    def __init__(self, image: bytes | str | Path, board: BoardRow = MKR_ZERO) -> None:
        self._wiring = wiring_of(board)
        self._image = read_image(Path(image) if isinstance(image, str) else image, board)
        self._board = board
        self._outside = Outside(Channels(self._wiring.analog))
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
            self._do_due()
            if condition is not None and condition():
                return True
            while self._exceptions.take():
                pass
            self._run(limit)
        return condition is not None and condition()

    def _do_due(self) -> None:
        try:
            self._timeline.run_due()
        except RegisterFault as error:
            raise self._engine.fault(str(error)) from error

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
        return self.line(self._wiring.serial1)

    @property
    def leds(self) -> dict[str, bool]:
        """Whether LED_BUILTIN is on: the board's only one that sketches know."""
        level = self._outside.pins.outputs.get(self._wiring.led)
        return {"LED_BUILTIN": level is not None and level is not self._wiring.is_led_on_low}

    def line(self, sercom: str) -> SerialLine:
        """The serial line at a SERCOM, named as in "SERCOM0"."""
        return self._outside.line(sercom)

    @property
    def pins(self) -> Pins:
        """Every pin, by the chip's name."""
        return self._outside.pins

    @property
    def usb(self) -> UsbPort:
        """The USB port: ``usb.serial`` where the sketch is a device, ``usb.keyboard`` where it is a host."""
        return self._outside.usb

    @property
    def channels(self) -> Channels:
        """The analog inputs."""
        return self._outside.channels

    def read_memory(self, address: int, size: int) -> bytes:
        """Memory as the sketch sees it; raises BoardError where the board has none."""
        try:
            return self._engine.read(address, size)
        except RegisterFault as error:
            raise BoardError(f"nothing is read: {error}") from error

    def write_memory(self, address: int, data: bytes) -> None:
        """Put bytes into memory, as a debugger does; raises BoardError where the board has none."""
        try:
            self._engine.write(address, data)
        except RegisterFault as error:
            raise BoardError(f"nothing is written: {error}") from error

    @property
    def symbols(self) -> dict[str, int]:
        """Functions and variables of the image by name; none of a .bin."""
        return self._image.names.symbols
