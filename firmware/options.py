"""What a build is made for and with, as one value: board, compiler, oracle, choice of kernels."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Final, Literal

from zerotap.errors import ModelError
from zerotap.isolation import DEFAULT_LIMITS, Limits

from .board import BOARDS, DEFAULT_BOARD, MKR_ZERO, Board
from .graph import OracleKind

Code = Literal["auto", "flash", "ram"]
CODE: Final[tuple[Code, ...]] = ("auto", "flash", "ram")
Optimise = Literal["speed", "size"]
OPTIMISE: Final[tuple[Optimise, ...]] = ("speed", "size")
ORACLES: Final[tuple[OracleKind, ...]] = ("tflite", "tflm")


@dataclass(frozen=True, slots=True)
class Budget:
    """What a model may take.

    ``flash_bytes``: code and constants. ``ram_bytes``: the arena, the stack, and the caller's arrays for the
    model's input and output. ``giver`` names who sets the limit, in errors.
    """

    flash_bytes: int
    ram_bytes: int
    giver: str = "the budget allows"

    @classmethod
    def of(cls, board: Board) -> Budget:
        """All that a board has."""
        return cls(board.flash_bytes, board.ram_bytes, f"the {board.name} has")

    def less(self, flash_bytes: int, ram_bytes: int) -> Budget:
        """As much less of both."""
        return replace(self, flash_bytes=self.flash_bytes - flash_bytes, ram_bytes=self.ram_bytes - ram_bytes)

    def limit(self, memory: str) -> str:
        """ "the board has (1,024 B)" of the ``memory`` "flash" or "RAM"."""
        return f"{self.giver} ({self.flash_bytes if memory == 'flash' else self.ram_bytes:,} B)"


@dataclass(frozen=True, slots=True, repr=False)
class BuildOptions:
    """How a model is planned, linked and verified; the defaults are right for most.

    ``board``: one of BOARDS, as ``find_board`` gives it. ``compiler``: a path, or "gcc" or "zig"; None is the
    first that is there. ``oracle``: whose bits are computed, "tflite" (TensorFlow's reference kernels) or
    "tflm" (TensorFlow Lite Micro's). ``optimise``: "speed" takes the fastest kernels that fit the budget,
    "size" those with the least flash. ``budget``: None is all that the board has. ``skip_zeros`` gives up the
    same time for every input where a kernel can leave out zeros; ``constant_time`` wants it, of forests too,
    whose fastest kernels do not give it. ``code``: where hot loops run from, "flash", or
    "ram", which does not wait and takes their bytes there too; "auto" is RAM where the budget states less of
    it than the board has, they fit and it pays. ``isolation``: what TensorFlow may
    cost while it has the model in its child process; None has it in this process.

    Raises ModelError for an unknown oracle or optimise, skip_zeros with constant_time, and for what is no
    Board: ``find_board("zero")`` is.
    """

    board: Board = MKR_ZERO
    compiler: str | Path | None = None
    oracle: OracleKind = "tflite"
    optimise: Optimise = "speed"
    budget: Budget | None = None
    skip_zeros: bool = False
    constant_time: bool = False
    code: Code = "auto"
    isolation: Limits | None = DEFAULT_LIMITS

    def __post_init__(self) -> None:
        if not isinstance(self.board, Board):
            raise ModelError(f"board is {self.board!r}: give a Board, as find_board('zero') does")
        if self.oracle not in ORACLES:
            raise ModelError(f"there is no oracle {self.oracle!r}: choose one of {', '.join(ORACLES)}")
        if self.optimise not in OPTIMISE:
            raise ModelError(f"optimise is {self.optimise!r}: choose one of {', '.join(OPTIMISE)}")
        if self.code not in CODE:
            raise ModelError(f"code is {self.code!r}: choose one of {', '.join(CODE)}")
        if self.skip_zeros and self.constant_time:
            raise ModelError(
                "skip_zeros gives up the same time for every input: leave it or constant_time out"
            )

    def __repr__(self) -> str:
        """Return what differs from the defaults."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        usual = {field.name: field.default for field in fields(self)}
        chosen = [f"{name}={value!r}" for name, value in values.items() if value != usual[name]]
        return f"BuildOptions({', '.join(chosen)})"

    @property
    def limits(self) -> Budget:
        """The budget, or else all that the board has."""
        return Budget.of(self.board) if self.budget is None else self.budget


DEFAULTS: Final[BuildOptions] = BuildOptions()


def build_words(options: BuildOptions) -> list[str]:
    """What a command needs to be about the same build: ["--board", "zero"], or []."""
    board = next((name for name, board in BOARDS.items() if board == options.board), options.board.name)
    limits, whole = options.limits, Budget.of(options.board)
    given: dict[str, object] = {
        "--optimise": options.optimise if options.optimise != DEFAULTS.optimise else None,
        "--flash": limits.flash_bytes if limits.flash_bytes != whole.flash_bytes else None,
        "--ram": limits.ram_bytes if limits.ram_bytes != whole.ram_bytes else None,
        "--code": options.code if options.code != DEFAULTS.code else None,
        "--board": board if board != DEFAULT_BOARD else None,
        "--oracle": options.oracle if options.oracle != DEFAULTS.oracle else None,
        "--compiler": options.compiler,
    }
    words = [word for name, value in given.items() if value is not None for word in (name, str(value))]
    return [*words, *["--skip-zeros"] * options.skip_zeros, *["--constant-time"] * options.constant_time]
