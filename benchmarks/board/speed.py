"""How fast the simulated board runs: its cycles a second of the processor's time, with SysTick running.

    python benchmarks/board/speed.py [SKETCH.elf ...] [--seconds 2] [--check]

Without a sketch: busy.c, with each compiler that is there. ``--check`` ends with 1 where one is slower than
TARGET. Other work on the machine makes it slower: the best of three runs counts.
"""

import argparse
import sys
import time
from collections.abc import Iterator
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


def speed(image: Path, seconds: float) -> float:
    """Cycles a second of the processor's time, the best of three runs."""
    board = SimulatedBoard(image)
    board.run_until(seconds=WARM_UP_S)
    return max(_once(board, seconds) for _ in range(RUNS))


def _once(board: SimulatedBoard, seconds: float) -> float:
    begin, cycles = time.process_time(), board.cycles
    board.run_until(seconds=seconds)
    return (board.cycles - cycles) / (time.process_time() - begin)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the simulated board's speed.")
    parser.add_argument("images", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    speeds = []
    with TemporaryDirectory() as folder:
        for name, image in [(str(each), each) for each in given.images] or built(Path(folder)):
            speeds.append(speed(image, given.seconds))
            print(f"{speeds[-1] / 1e6:6.1f} M cycles a second  {name}")
    return int(given.check and min(speeds, default=0) < TARGET)


if __name__ == "__main__":
    sys.exit(main())
