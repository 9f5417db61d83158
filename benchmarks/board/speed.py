"""How fast the simulated board runs: its cycles a second of the processor's time, with SysTick running.

    python benchmarks/board/speed.py [SKETCH.elf ...] [--seconds 2] [--check]

Without a sketch: busy.c, with each compiler that is there, and by gcc SerialStream on our own core with USB,
while nothing comes and while windows stream through (TensorFlow makes its model). ``--check`` ends with 1
where one is slower than TARGET. Other work on the machine makes it slower: the best of three runs counts.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from zerotap.errors import ToolchainError
from zerotap.firmware import MKR_ZERO, SimulatedBoard, find_compiler
from zerotap.firmware.simulation.program import harness_file

TARGET = 40e6
RUNS = 3
WARM_UP_S = 0.2
PLACES = {
    "$flash_origin": hex(MKR_ZERO.flash_origin),
    "$ram_origin": hex(MKR_ZERO.ram_origin),
    "$stack_top": hex(MKR_ZERO.ram_origin + MKR_ZERO.ram_bytes),
}


def build(compiler: str, folder: Path) -> tuple[str, Path]:
    """The ELF of busy.c, and the compiler's name."""
    script = harness_file("board.ld")
    for word, place in PLACES.items():
        script = script.replace(word, place)
    (folder / "board.ld").write_text(script)
    found = find_compiler(compiler)
    elf = folder / f"{compiler}.elf"
    found.link([Path(__file__).with_name("busy.c")], folder / "board.ld", elf)
    return f"busy.c, {found.name}", elf


def built(folder: Path) -> Iterator[tuple[str, Path]]:
    """busy.c by each compiler that is there."""
    for compiler in ("gcc", "zig"):
        try:
            yield build(compiler, folder)
        except ToolchainError as error:
            print(f"{compiler}: {error}", file=sys.stderr)


Run = Callable[[float], object]
"""Runs a board for so many seconds of its time."""


def images(given: list[Path], folder: Path) -> Iterator[tuple[str, SimulatedBoard, Run]]:
    """What is measured: a name, the board, and how it runs."""
    for name, image in [(str(each), each) for each in given] or built(folder):
        board = SimulatedBoard(image)
        yield name, board, partial(idle, board)
    if not given:
        yield from serial_stream(folder)


def idle(board: SimulatedBoard, seconds: float) -> None:
    """Run it, nothing comes from outside."""
    board.run_until(seconds=seconds)


def serial_stream(folder: Path) -> Iterator[tuple[str, SimulatedBoard, Run]]:
    """SerialStream over USB, as sketches.py builds it."""
    from sketches import Kind, dense_line, drawn_windows

    _, line = dense_line(folder)
    payloads = [row.tobytes() for row in drawn_windows()]

    def stream(seconds: float) -> None:
        end = line.board.seconds + seconds
        while line.board.seconds < end:
            line.results(Kind.WINDOW, payloads)

    yield "SerialStream, idle", line.board, partial(idle, line.board)
    yield "SerialStream, windows stream through", line.board, stream


def speed(board: SimulatedBoard, run: Run, seconds: float) -> float:
    """Cycles a second of the processor's time, the best of three runs."""
    run(WARM_UP_S)
    return max(_once(board, run, seconds) for _ in range(RUNS))


def _once(board: SimulatedBoard, run: Run, seconds: float) -> float:
    begin, cycles = time.process_time(), board.cycles
    run(seconds)
    return (board.cycles - cycles) / (time.process_time() - begin)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the simulated board's speed.")
    parser.add_argument("images", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    speeds = []
    with TemporaryDirectory() as folder:
        for name, board, run in images(given.images, Path(folder)):
            speeds.append(speed(board, run, given.seconds))
            print(f"{speeds[-1] / 1e6:6.1f} M cycles a second  {name}")
    return int(given.check and min(speeds, default=0) < TARGET)


if __name__ == "__main__":
    sys.exit(main())
