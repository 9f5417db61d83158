"""Options that several commands share, as one value: board, compiler, oracle, choice of kernels."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from zerotap.firmware.board import BOARDS, DEFAULT_BOARD, Board
from zerotap.firmware.options import CODE, OPTIMISE, ORACLES, Budget, BuildOptions, build_words
from zerotap.isolation import DEFAULT_LIMITS, Limits
from zerotap.reporting import Number

if TYPE_CHECKING:
    from zerotap.firmware.tflite.model_bytes import ModelFile

Command = Callable[..., None]

MODEL: Final = click.Path(path_type=Path)
_UNITS: Final = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


class Bytes(click.ParamType[int]):
    """A size: 65536, 64k, 0.5k or 4g (k = 1024), with B or kB as well."""

    name = "bytes"

    def convert(self, value: str | int, param: click.Parameter | None, context: click.Context | None) -> int:
        """Bytes, at least 1."""
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?\s*", str(value).lower())
        size = int(float(match[1]) * _UNITS[match[2]]) if match else 0
        if size < 1:
            self.fail(f"{value!r} is no size: give bytes, or as in 64k with k = 1024", param, context)
        return size


def chosen_options(options: BuildOptions) -> str:
    """What the next command needs to be about the same build: " --board NAME --oracle tflm", or ""."""
    return "".join(f" {shlex.quote(word)}" for word in build_words(options))


def _board_option(*more: str) -> Callable[[Command], Command]:
    return click.option(
        "--board",
        type=click.Choice([*BOARDS, *more]),
        default=DEFAULT_BOARD,
        show_default=True,
        help="The board that it is for." + (" all: one table of every board." if more else ""),
    )


def _budget_options(flash: str, ram: str) -> dict[str, Callable[[Command], Command]]:
    """--flash and --ram, which are of what the two texts say."""
    ram = f"RAM for {ram}, as in 8k. Default of both: the board's."
    return {
        "flash": click.option(
            "--flash", type=Bytes(), metavar="SIZE", help=f"Flash that {flash} may take, as in 64k."
        ),
        "ram": click.option("--ram", type=Bytes(), metavar="SIZE", help=ram),
    }


_OF_WHOLE: Final = _budget_options(
    "the model and its pipeline's stages together",
    "both: arena, what stages keep, stack, input and output",
)
_OPTIONS: Final[dict[str, Callable[[Command], Command]]] = {
    "optimise": click.option(
        "--optimise",
        type=click.Choice(OPTIMISE),
        default="speed",
        show_default=True,
        help="The fastest kernels that fit, or those with the least flash.",
    ),
    **_budget_options("the model", "arena, stack, input and output"),
    "skip_zeros": click.option(
        "--skip-zeros",
        is_flag=True,
        help="Skip zeros in wide dense layers: faster where most inputs are zero, no longer constant time.",
    ),
    "constant_time": click.option(
        "--constant-time",
        is_flag=True,
        help="Of a forest's kernels only those that take the same time for every input.",
    ),
    "code": click.option(
        "--code",
        type=click.Choice(CODE),
        default="auto",
        show_default=True,
        help="Where hot loops run from: RAM does not wait for the flash, and holds their bytes too. auto is "
        "RAM where --ram states less than the board has, they fit and it pays.",
    ),
    "board": _board_option(),
    "oracle": click.option(
        "--oracle",
        type=click.Choice(ORACLES),
        default="tflite",
        show_default=True,
        help="Whose bits: TensorFlow's reference kernels, or TensorFlow Lite Micro's (zerotap[tflm]).",
    ),
    "compiler": click.option(
        "--compiler",
        metavar="PATH|zig",
        help='An arm-none-eabi-gcc, or "gcc" or "zig"; default: the first that is there.',
    ),
}

oracle_option: Final = _OPTIONS["oracle"]
"""For commands to which nothing else of a build matters."""

_LIMITS: Final[dict[str, Callable[[Command], Command]]] = {
    "time_limit": click.option(
        "--time-limit",
        type=Number(0, min_open=True),
        default=DEFAULT_LIMITS.seconds,
        show_default=True,
        metavar="SECONDS",
        help="How long TensorFlow may work on the model.",
    ),
    "memory_limit": click.option(
        "--memory-limit",
        type=Bytes(),
        default=f"{DEFAULT_LIMITS.memory_bytes >> 30}g",
        show_default=True,
        metavar="SIZE",
        help="How much memory TensorFlow may take for it.",
    ),
}


def model_argument(command: Command) -> Command:
    """Give a command the argument MODEL and --array, which it takes as ``model``, a ModelFile."""

    @wraps(command)
    def with_model(model: Path, array: str | None, **values: Any) -> None:  # noqa: ANN401
        command(model=chosen_array(model, array), **values)

    decorated: Command = click.argument("model", type=MODEL)(array_option(with_model))
    return decorated


def array_option(command: Command) -> Command:
    """Give a command --array."""
    return click.option("--array", metavar="NAME", help="Which array, where C source holds several models.")(
        command
    )


def chosen_array(model: Path, array: str | None) -> ModelFile:
    """A model's file, or the one array of it that --array names."""
    if array is None:
        return model
    from zerotap.firmware.tflite.c_array import CArray

    if model.is_dir():
        raise click.UsageError(f"--array is for C source, {model} is a folder")
    return CArray(model, array)


def as_argument(model: ModelFile) -> str:
    """A model as the next command takes it."""
    from zerotap.firmware.tflite.c_array import CArray

    name = shlex.quote(os.fspath(model))
    return f"{name} --array {model.name}" if isinstance(model, CArray) else name


def limit_options(command: Command) -> Command:
    """Give a command --time-limit and --memory-limit, which it takes as ``isolation``, a Limits."""

    @wraps(command)
    def with_limits(**values: Any) -> None:  # noqa: ANN401
        command(isolation=Limits(values.pop("time_limit"), values.pop("memory_limit")), **values)

    decorated: Command = with_limits
    for option in reversed(_LIMITS.values()):
        decorated = option(decorated)
    return decorated


EVERY: Final = "all"
"""What --board takes where a command is of every board."""


def build_options(
    *without: str, every_board: bool = False, of_whole: bool = False
) -> Callable[[Command], Command]:
    """Give a command the options that make a BuildOptions, which it takes as ``options``.

    ``without``: names of those that it has no use for; "limits" are those of limit_options().
    ``every_board``: --board takes "all" too, and the command one BuildOptions a board, by its name.
    ``of_whole``: --flash and --ram are said to be of a model with the stages before it.
    """
    names = [name for name in _OPTIONS if name not in without]
    limits = "limits" not in without
    offered = _OPTIONS | (_OF_WHOLE if of_whole else {})

    def decorate(command: Command) -> Command:
        @wraps(command)
        def with_options(**values: Any) -> None:  # noqa: ANN401
            given = {name: values.pop(name) for name in [*names, *(["isolation"] if limits else [])]}
            board = given.pop("board")
            if not every_board:
                command(options=_options(board, given), **values)
                return
            boards = list(BOARDS) if board == EVERY else [board]
            command(options={name: _options(name, given) for name in boards}, **values)

        decorated: Command = limit_options(with_options) if limits else with_options
        for name in reversed(names):
            option = _board_option(EVERY) if name == "board" and every_board else offered[name]
            decorated = option(decorated)
        return decorated

    return decorate


def _options(name: str, chosen: dict[str, Any]) -> BuildOptions:
    """The options for the board of that name."""
    given = dict(chosen)
    if given.get("skip_zeros") and given.get("constant_time"):
        raise click.UsageError("--skip-zeros gives up what --constant-time asks for: leave one of them out")
    board = BOARDS[name]
    budget = _budget(board, given.pop("flash", None), given.pop("ram", None))
    return BuildOptions(board=board, budget=budget, **given)


def _budget(board: Board, flash_bytes: int | None, ram_bytes: int | None) -> Budget | None:
    """The board's memories, or less (or more) of either where the user says so."""
    if flash_bytes is None and ram_bytes is None:
        return None
    flash = board.flash_bytes if flash_bytes is None else flash_bytes
    return Budget(flash, board.ram_bytes if ram_bytes is None else ram_bytes)
