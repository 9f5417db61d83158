"""The example sketches: which ones a model gets, and their files.

A sketch asks the board for what ``port.h`` declares and no more; ``port_arduino.cpp`` does that by Arduino's
core.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from .facts import Sketched
from .port_text import port_header, port_source
from .templates import is_shared, text_of
from .words import words_of


@dataclass(frozen=True, slots=True)
class Example:
    """``about``: what it does; ``files`` of ``arduino/examples`` and its folder; ``port``: its pieces."""

    about: str
    fits: Callable[[Sketched], bool]
    files: tuple[str, ...]
    port: Callable[[Sketched], tuple[str, ...]]


def _classify_port(facts: Sketched) -> tuple[str, ...]:
    channels = () if facts.takes_frames else ("channels",)
    return ("clock", "led", "lines_usb", "lines_in", *channels)


_SELF_TEST: Final = "SelfTest"
EXAMPLES: Final[dict[str, Example]] = {
    _SELF_TEST: Example(
        "compares this board's answers with the oracle's, of windows and of packets one by one: PASS or "
        "FAIL, a CRC of all of them, and microseconds",
        lambda _: True,
        ("vectors.h", "line.h"),
        lambda _: ("clock", "lines_usb"),
    ),
    "Classify": Example(
        "classifies the sensor on the board's analog inputs, or binary frames on Serial1's RX: class and "
        "per cent on Serial1 and on USB",
        lambda facts: facts.has_classes and facts.channels > 0 and facts.has_counts,
        ("samples.h", "frame_reader.h", "sensor_frames.h", "line.h", "verdict.h"),
        _classify_port,
    ),
    "KeyboardHost": Example(
        "classifies what is typed on a keyboard at the board's own USB port, by one model or two: the class "
        "on Serial1 and the LED",
        lambda facts: facts.has_classes and facts.is_of_keyboard and facts.board.has_usb_host,
        ("typed_model.h", "line.h", "verdict.h"),
        lambda _: ("clock", "led", "lines", "reports"),
    ),
    "SensorRecorder": Example(
        "streams the board's analog inputs to `zerotap record`: more recordings of the same sensor",
        lambda facts: facts.channels > 0 and not facts.takes_frames,
        ("sensor_frames.h",),
        lambda _: ("clock", "host", "channels"),
    ),
    "SerialStream": Example(
        "computes what a host sends: `zerotap verify MODEL --on PORT` compares every score with the oracle's",
        lambda facts: facts.pipeline is not None or facts.input_type != "",
        ("host_frames.h", "model_doors.h"),
        lambda _: ("clock", "host", "host_in"),
    ),
}
"""Every example by its name; the words of SelfTest's vectors come from vectors.py."""


def example_files(facts: Sketched, self_test: Mapping[str, str] | None = None) -> dict[str, str]:
    """The files of every example that goes with a model, by their paths in the library.

    ``self_test``: the words of SelfTest's templates; without them it is left out.
    """
    words = {**(self_test or {}), **words_of(facts)}
    return {
        f"examples/{name}/{file}": text
        for name, example in EXAMPLES.items()
        if example.fits(facts) and (name != _SELF_TEST or self_test is not None)
        for file, text in _files(name, example, facts, words).items()
    }


def example_notes(facts: Sketched) -> list[str]:
    """What each of them does, as items of a Markdown list."""
    return [f"- `{name}` {example.about}." for name, example in EXAMPLES.items() if example.fits(facts)]


def _files(name: str, example: Example, facts: Sketched, words: Mapping[str, str]) -> dict[str, str]:
    pieces = example.port(facts)
    return {
        f"{name}.ino": text_of(f"{name}/{name}.ino", words),
        **{file: text_of(file if is_shared(file) else f"{name}/{file}", words) for file in example.files},
        "port.h": port_header(pieces),
        "port_arduino.cpp": port_source(pieces, words),
    }
