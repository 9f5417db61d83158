"""KeyboardHost on the simulated board: reports as a keyboard sends them, ended by Enter or silence."""

from collections.abc import Callable

import numpy as np
import pytest
from sketch_lines import lines

from zerotap.firmware.simulation.board import Board as SimulatedBoard

LED = "PB08"
NOTHING = bytes(8)
A, ENTER, KEYPAD_ENTER = 0x04, 0x28, 0x58


def held(*keys: int) -> bytes:
    return bytes([0, 0, *keys]).ljust(8, b"\0")


class Keyboard:
    """Types into a board, and keeps what went into its models, message by message."""

    def __init__(self, board: SimulatedBoard) -> None:
        self.board = board
        assert board.run_until(lambda: board.uart.is_open, seconds=1)
        self.items: list[bytes] = []

    def type(self, *reports: bytes) -> None:
        for report in reports:
            self.board.uart.send(report)
            self.board.run_until(seconds=0.004)
            self.items.append(self._ms("last_ms") + report)

    def _ms(self, variable: str) -> bytes:
        (address,) = (at for name, at in self.board.symbols.items() if variable in name)
        return self.board.read_memory(address, 4)

    def said(self, seconds: float = 0.03) -> list[str]:
        """The lines that it says from now on."""
        self.board.run_until(seconds=seconds)
        return self.board.uart.take().decode().splitlines()

    def rows(self, start: int = 0) -> np.ndarray:
        """Timed items of what was typed."""
        return np.array([list(item) for item in self.items[start:]], np.uint8)


@pytest.fixture
def keyboard(boot: Callable[..., SimulatedBoard]) -> Keyboard:
    return Keyboard(boot("keys", "KeyboardHost"))


def test_it_says_the_oracle_s_class_and_enter_ends_the_message(keyboard, exported, labels) -> None:
    one = exported("keys")
    for end in (ENTER, KEYPAD_ENTER):
        start = len(keyboard.items)
        keyboard.type(*[held(A + step % 5, A + step % 3) for step in range(9)], held(end))
        expected = one.scores(keyboard.rows(start))
        assert len(expected) == 3
        assert keyboard.said() == lines(one, expected, labels)
        assert keyboard.board.pins.outputs[LED] == (np.argmax(expected[-1]) == 2)
    assert keyboard.board.uart.overruns == 0


def test_enter_that_stays_held_is_one_enter(keyboard, exported, labels) -> None:
    one = exported("keys")
    keyboard.type(held(A), held(), held(ENTER))
    first = keyboard.said()
    keyboard.type(held(ENTER, A), held(ENTER), held())
    assert first == lines(one, one.scores(keyboard.rows()[:3]), labels)
    assert keyboard.said() == []
    keyboard.type(held(ENTER))
    assert keyboard.said() == lines(one, one.scores(keyboard.rows()[3:]), labels)


def test_silence_ends_the_message_once(exported, images, edited, labels) -> None:
    one = exported("keys")
    folder = edited("keys", "KeyboardHost", {"IDLE_MS = 3000": "IDLE_MS = 300"})
    keyboard = Keyboard(SimulatedBoard(images.image("keys", folder)))
    keyboard.type(held(A), held(), held(A), held())
    assert keyboard.said(0.29) == []
    assert keyboard.said(0.02) == lines(one, one.scores(keyboard.rows()), labels) != []
    keyboard.board.run_until(seconds=0.4)
    assert keyboard.said() == []


def test_two_models_get_every_report(exported, images, edited, labels) -> None:
    """As the sketch says: the slashes away, and the second one named."""
    first, second = exported("keys"), exported("notes")
    changes = {
        "// #include <other.h>": "#include <notes.h>",
        "// TYPED_MODEL(second, other, other_flush, other_percent, nullptr);": (
            "TYPED_MODEL(second, notes, notes_flush, nullptr, nullptr);"
        ),
        "MODELS[] = {&first}": "MODELS[] = {&first, &second}",
    }
    typist = Keyboard(SimulatedBoard(images.image("keys", edited("keys", "KeyboardHost", changes), "notes")))
    typist.type(held(A), held(), held(A + 1), held(), held(0x2C), held(), held(ENTER))
    rows = typist.rows()
    ids = second.pipeline.apply(np.ascontiguousarray(rows[:, 4:]))[None]
    said = typist.said()
    of_first = lines(first, first.scores(rows), labels)
    assert [line for line in said if line.startswith("keys")] == of_first
    of_second = lines(second, second.model.scores(ids), labels)
    assert [line for line in said if line.startswith("notes")] == of_second
    assert len(said) == len(of_first) + 1
