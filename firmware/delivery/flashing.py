"""Flashing: an image is checked, the board's bootloader called, bossac run; where that fails once more."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from zerotap.capture import TOUCH_BAUD, find_ports
from zerotap.errors import BoardError
from zerotap.firmware.board import MKR_ZERO
from zerotap.reporting import Progress, no_progress
from zerotap.writing import scratch_folder

from .bootloader import DOUBLE_TAP, BoardPorts, Ports
from .image import read_image
from .programs import BOSSAC, WRITE_S, Bossac, build_command, built_image, find_bossac, run

if TYPE_CHECKING:
    from zerotap.firmware.board import Board

TRIES: Final = 2
BUILDING: Final = "building the sketch"
CALLING: Final = "calling the bootloader"
WRITING: Final = "writing and verifying"


@dataclass(frozen=True, slots=True)
class Flashed:
    """What was written: ``image_bytes`` of ``sketch`` to ``board`` at ``port``, by ``command``."""

    sketch: str
    image_bytes: int
    board: str
    port: str
    command: str
    tries: int

    def to_json(self) -> dict[str, Any]:
        """What `zerotap flash --json` prints."""
        return asdict(self)


def flash(
    sketch: str | Path,
    board: Board = MKR_ZERO,
    *,
    port: str | None = None,
    ports: Ports = find_ports,
    on_progress: Progress = no_progress,
) -> Flashed:
    """Write a sketch to a board: its .bin, or its .ino, which arduino-cli builds with the library around it.

    ``port``: the board's, where several are there; ``ports`` lists what there is. A board whose sketch runs
    is touched at 1200 baud, so that its bootloader starts; where that or bossac fails all is tried once more.
    Raises BoardError, CaptureError for a port that does not open, ToolchainError where arduino-cli fails, and
    DoesNotFitError; nothing is written then
    that would not be written again.
    """
    there = BoardPorts.of(board, port, ports)
    with image_of(Path(sketch), board, on_progress) as image:
        content, bossac = read_image(image, board), find_bossac()
        fault = ""
        for tries in range(1, TRIES + 1):
            on_progress(CALLING, tries - 1, TRIES)
            found = there.call_bootloader()
            if found is None:
                fault = "its bootloader does not appear"
                continue
            on_progress(WRITING, tries - 1, TRIES)
            command = bossac.command(found.path, image, board)
            done = run(command, WRITE_S)
            if done.returncode == 0:
                said = shlex.join(command)
                return Flashed(str(sketch), len(content), board.name, found.path, said, tries)
            fault = f"{BOSSAC} failed: {_last_line(done.stdout + done.stderr)}"
    raise BoardError(f"the {board.name} was not written, {fault}: {DOUBLE_TAP}")


def flash_commands(
    sketch: str | Path, board: Board = MKR_ZERO, *, port: str | None = None, ports: Ports = find_ports
) -> list[str]:
    """What ``flash`` would run, a line each, and nothing of it done; an image that is there is checked.

    Raises BoardError and DoesNotFitError as it does.
    """
    there, path = BoardPorts.of(board, port, ports), Path(sketch)
    lines, image = [], path
    if _is_source(path):
        out = Path(f"{path.stem}-build")
        lines.append(shlex.join(build_command(path, out, board)))
        image = out / f"{path.name}.bin"
    else:
        read_image(path, board)
    found = there.find()
    if not there.is_bootloader(found):
        lines.append(f"# open {found.path} at {TOUCH_BAUD} baud, DTR low, close: the bootloader starts")
    return [*lines, shlex.join(_bossac_or_any().command(found.path, image, board))]


@contextmanager
def image_of(sketch: Path, board: Board, on_progress: Progress) -> Iterator[Path]:
    """The image of a sketch for the length of a block: itself, or what is built of a .ino."""
    if not _is_source(sketch):
        yield sketch
        return
    with scratch_folder() as out:
        command = build_command(sketch, out, board)
        on_progress(BUILDING, 0, 0)
        yield built_image(command, sketch, out)


def _is_source(sketch: Path) -> bool:
    return sketch.suffix == ".ino"


def _bossac_or_any() -> Bossac:
    """The one that is here, or what most systems have."""
    try:
        return find_bossac()
    except BoardError:
        return Bossac(BOSSAC, takes_offset=True)


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
