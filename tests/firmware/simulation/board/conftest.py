"""A board that runs monitor.c: what a test reads and writes goes through the sketch's own code."""

import struct
from dataclasses import dataclass
from pathlib import Path

import pytest

from zerotap.firmware.board import MKR_ZERO
from zerotap.firmware.simulation.board import Board
from zerotap.firmware.simulation.program import harness_file
from zerotap.firmware.simulation.toolchain import find_compiler

FOLDER = Path(__file__).parent
_SCRIPT = {"$flash_origin": "0x2000", "$ram_origin": "0x20000000", "$stack_top": "0x20008000"}


@dataclass
class Monitor:
    """The board, and its sketch's commands."""

    board: Board

    def ask(self, command: str, address: int = 0, value: int = 0) -> int:
        """The answer to one command."""
        self.board.uart.take()
        self.board.uart.send(struct.pack("<BII", ord(command), address, value))
        before = len(self.board.uart.received)
        assert self.board.run_until(lambda: len(self.board.uart.received) == before + 4, seconds=0.1)
        return int.from_bytes(self.board.uart.take(), "little")

    def word(self, address: int) -> int:
        return self.ask("r", address)

    def write(self, address: int, value: int, size: int = 4) -> None:
        self.ask({1: "B", 2: "H", 4: "R"}[size], address, value)

    def put(self, address: int, *words: int) -> None:
        """Words of memory, from outside: what the sketch's own writes would only take longer for."""
        self.board.write_memory(address, struct.pack(f"<{len(words)}I", *words))

    def seen(self, address: int) -> int:
        """A word of memory, from outside."""
        return int.from_bytes(self.board.read_memory(address, 4), "little")

    def variable(self, name: str, index: int = 0) -> int:
        return self.seen(self.board.symbols[name] + 4 * index)


@pytest.fixture(scope="session")
def build_image(tmp_path_factory):
    """build_image(compiler, name): the ELF of an image for the board, of start.c and NAME.c."""
    text = harness_file("board.ld")
    for word, value in _SCRIPT.items():
        text = text.replace(word, value)

    def build(compiler: str | None, name: str) -> Path:
        folder = tmp_path_factory.mktemp("image")
        (folder / "board.ld").write_text(text)
        sources = [FOLDER / "start.c", FOLDER / f"{name}.c"]
        find_compiler(compiler).link(sources, folder / "board.ld", folder / "sketch.elf")
        return folder / "sketch.elf"

    return build


@pytest.fixture(scope="session")
def monitor_elf(build_image) -> Path:
    return build_image(None, "monitor")


@pytest.fixture(scope="session")
def keyboard_elf(build_image) -> Path:
    """An image that is a USB host for a keyboard."""
    return build_image(None, "keyboard_host")


@pytest.fixture(scope="session")
def new_monitor(monitor_elf: Path):
    """new_monitor(): another board that has just been switched on."""
    return lambda: Monitor(Board(monitor_elf, MKR_ZERO))


@pytest.fixture
def monitor(new_monitor) -> Monitor:
    return new_monitor()
