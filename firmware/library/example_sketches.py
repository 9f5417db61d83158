"""The example sketches of a library: which ones a model gets, and their files.

A sketch asks the board for what ``port.h`` declares and no more; ``port_arduino.cpp`` does that by Arduino's core.
Both are made of pieces, those that the sketch needs (``arduino/examples/port``).
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from zerotap.features import ITEM_BYTES

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from zerotap.features import Pipeline
    from zerotap.firmware.artefacts import Artefact

ANALOG_INPUTS: Final = ("A1", "A2", "A3", "A4", "A5", "A0")
"""Every board of the table has these; A0 is last because it is the DAC's pin too."""
_MOST_DECIMALS: Final = 4
_SAMPLES: Final = ("samples", "frames", "numbers")
_TIMED_ELEMENTS: Final = {"int16": 2, "int32": 1}


@dataclass(frozen=True, slots=True)
class Sketched:
    """What a library's sketches are made for.

    ``input_type``: the C type of what NAME_invoke takes one array of; empty where it takes none, or another number
    of them. ``is_stream``: NAME_reset begins what NAME_invoke goes on with. ``in_steps``: there is NAME_flush_step.
    ``has_classes``: there are NAME_label and NAME_argmax; ``has_percent``: NAME_percent too. ``has_thresholds``:
    outputs count by themselves.
    """

    name: str
    serial_pin: str
    pipeline: Pipeline | None = None
    input_type: str = ""
    is_stream: bool = False
    in_steps: bool = False
    has_classes: bool = False
    has_percent: bool = False
    has_thresholds: bool = False

    @property
    def channels(self) -> int:
        """Of a sensor's sample; 0 where the model takes none."""
        if self.pipeline is None or self.pipeline.input.rows.name not in _SAMPLES:
            return 0
        return self.pipeline.report_bytes // (ITEM_BYTES if self.pipeline.is_of_numbers else 2)

    @property
    def is_of_keyboard(self) -> bool:
        """Whether it takes the reports of a boot keyboard."""
        return self.pipeline is not None and self.pipeline.takes_boot_reports

    @property
    def has_counts(self) -> bool:
        """Whether a channel's count becomes what the model takes by a whole factor that an int32 holds."""
        decimals = self.pipeline.decimals if self.pipeline is not None else ()
        return all(0 <= one <= _MOST_DECIMALS for one in decimals)


def sketched(
    artefact: Artefact,
    name: str,
    pipeline: Pipeline | None,
    sources: Mapping[str, str],
    report: Mapping[str, Any],
) -> Sketched:
    """What is known of a library whose ``sources`` are made; ``report`` is export()'s."""
    sketch = artefact.sketch(name)
    input_type, elements = sketch.vector(artefact.vectors(1, 0))
    takes_an_array = "invoke" in sketch.functions and elements != ""
    header = sources[f"{name}.h"]
    return Sketched(
        name=name,
        serial_pin=artefact.options.board.serial_pin,
        pipeline=pipeline,
        input_type=input_type if takes_an_array else "",
        is_stream=artefact.is_stream,
        in_steps=f"{name}_stream.h" in sources,
        has_classes=f"{name}_classes.c" in sources,
        has_percent=f"{name}_HAS_PERCENT" in header,
        has_thresholds="thresholds" in report,
    )


@dataclass(frozen=True, slots=True)
class Example:
    """``files`` of the folders ``arduino/examples`` and its own; ``port``: pieces of the port."""

    fits: Callable[[Sketched], bool]
    files: tuple[str, ...]
    port: Callable[[Sketched], tuple[str, ...]]


def _takes_frames(facts: Sketched) -> bool:
    return facts.channels > len(ANALOG_INPUTS)


def _classify_port(facts: Sketched) -> tuple[str, ...]:
    channels = () if _takes_frames(facts) else ("channels",)
    return ("clock", "led", "lines_usb", "lines_in", *channels)


EXAMPLES: Final[dict[str, Example]] = {
    "SelfTest": Example(lambda _: True, ("vectors.h", "line.h"), lambda _: ("clock", "lines_usb")),
    "Classify": Example(
        lambda facts: facts.has_classes and facts.channels > 0 and facts.has_counts,
        ("samples.h", "frame_reader.h", "sensor_frames.h", "line.h", "verdict.h"),
        _classify_port,
    ),
    "KeyboardHost": Example(
        lambda facts: facts.has_classes and facts.is_of_keyboard,
        ("typed_model.h", "line.h", "verdict.h"),
        lambda _: ("clock", "led", "lines", "reports"),
    ),
    "SensorRecorder": Example(
        lambda facts: 0 < facts.channels <= len(ANALOG_INPUTS),
        ("sensor_frames.h",),
        lambda _: ("clock", "host", "channels"),
    ),
    "SerialStream": Example(
        lambda facts: facts.pipeline is not None or facts.input_type != "",
        ("host_frames.h", "model_doors.h"),
        lambda _: ("clock", "host", "host_in"),
    ),
}
"""Every example by its name; what SelfTest's vectors are, is given beside (vectors.py)."""


def example_files(facts: Sketched, self_test: Mapping[str, str]) -> dict[str, str]:
    """The files of every example that goes with a model, by their paths in the library.

    ``self_test``: the words of SelfTest's templates.
    """
    words = {**self_test, **_words(facts)}
    return {
        f"examples/{name}/{file}": text
        for name, example in EXAMPLES.items()
        if example.fits(facts)
        for file, text in _files(name, example, facts, words).items()
    }


def _files(name: str, example: Example, facts: Sketched, words: Mapping[str, str]) -> dict[str, str]:
    pieces = example.port(facts)
    return {
        f"{name}.ino": _text(f"{name}/{name}.ino", words),
        **{file: _text(file if _is_shared(file) else f"{name}/{file}", words) for file in example.files},
        "port.h": _port_header(pieces),
        "port_arduino.cpp": _port_source(pieces, words),
    }


def _is_shared(file: str) -> bool:
    return (_folder() / file).is_file()


def _words(facts: Sketched) -> dict[str, str]:
    name = facts.name
    return {
        "name": name,
        "serial_pin": facts.serial_pin,
        "flush": "flush_step" if facts.in_steps else "flush",
        "percent": f"{name}_percent" if facts.has_percent else "nullptr",
        "thresholds": "thresholds" if facts.has_thresholds else "nullptr",
        "thresholds_array": f"static const int32_t thresholds[] = {name}_THRESHOLDS;\n"
        if facts.has_thresholds
        else "",
        "doors": _doors(facts),
        **(_sample_words(facts) if facts.channels else {}),
    }


def _sample_words(facts: Sketched) -> dict[str, str]:
    """How a sample becomes an item."""
    assert facts.pipeline is not None
    pipeline, dtype = facts.pipeline, facts.pipeline.input.dtype
    decimals = pipeline.decimals or (0,)
    each = decimals if len(decimals) == facts.channels else decimals * facts.channels
    time = _TIMED_ELEMENTS[dtype] if pipeline.input.is_timed else 0
    return {
        "channels": str(facts.channels),
        "pins": ", ".join(ANALOG_INPUTS[: facts.channels]),
        "from_frames": str(int(_takes_frames(facts))),
        "item_type": f"{dtype}_t",
        "units": ", ".join(str(10**one) for one in each),
        "units_note": _units_note(any(each)),
        "time_elements": str(time),
        "time_note": "the time in milliseconds is in front" if time else "it has no time",
        "fill_time": _fill_time(f"{dtype}_t", time),
    }


def _units_note(has_decimals: bool) -> str:
    if not has_decimals:
        return "What the model counts a channel in: the board's own counts, as they were recorded."
    return (
        "What one count of a channel is, in the recordings' unit with so many digits behind the point. The model\n"
        "// was trained on such values: where the board's counts mean something else, change it here."
    )


def _fill_time(c_type: str, elements: int) -> str:
    if not elements:
        return "    (void)now_ms;"
    bits = 32 // elements
    return "\n".join(
        f"    item[{place}] = static_cast<{c_type}>(now_ms" + (f" >> {bits * place});" if place else ");")
        for place in range(elements)
    )


_NO_WINDOW: Final = """// Nothing is computed of a window by itself.
static const uint32_t INPUT_BYTES = 0;

static int32_t invoke(const void *)
{
    return 0;
}
"""
_WINDOW: Final = """static const uint32_t INPUT_BYTES = sizeof(TYPE) * NAME_INPUT_SIZE;

static int32_t invoke(const void *input)
{
    NAME_invoke(static_cast<const TYPE *>(input), scores);
    return 1;
}
"""
_NO_ITEM: Final = """// Nothing comes before the model.
static const uint32_t ITEM_BYTES = 0;

static int32_t push(const void *)
{
    return 0;
}

static int32_t more()
{
    return 0;
}

static int32_t flush()
{
    return 0;
}
"""
_ITEM: Final = """static const uint32_t ITEM_BYTES = sizeof(TYPE) * NAME_PACKET_SIZE;

static int32_t push(const void *item)
{
    return NAME_push(static_cast<const TYPE *>(item), scores);
}

static int32_t more()
{
    return NAME_more(scores);
}

static int32_t flush()
{
    return NAME_flush(scores);
}
"""
_RESET: Final = """static void reset()
{
BODY}"""


def _doors(facts: Sketched) -> str:
    """What SerialStream calls, whatever the model has."""
    window = _WINDOW.replace("TYPE", facts.input_type) if facts.input_type else _NO_WINDOW
    item = _NO_ITEM
    if facts.pipeline is not None:
        item = _ITEM.replace("TYPE", f"{facts.pipeline.input.dtype}_t")
    resets = facts.pipeline is not None or facts.is_stream
    reset = _RESET.replace("BODY", "    NAME_reset();\n" if resets else "")
    return "\n".join((window, item, reset)).replace("NAME", facts.name)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of the port: its declarations' file, and the function that port_begin() calls, if any."""

    header: str
    begin: str = ""
    includes: tuple[str, ...] = ()


_PIECES: Final[dict[str, _Piece]] = {
    "clock": _Piece("clock"),
    "led": _Piece("led", "begin_led"),
    "lines": _Piece("lines", "begin_lines"),
    "lines_usb": _Piece("lines", "begin_lines"),
    "lines_in": _Piece("lines_in"),
    "host": _Piece("host", "begin_host"),
    "host_in": _Piece("lines_in"),
    "channels": _Piece("channels", "begin_channels"),
    "reports": _Piece("reports", "begin_reports", ("hidboot.h",)),
}


def _port_header(pieces: tuple[str, ...]) -> str:
    declared = "\n".join(_text(f"port/{_PIECES[piece].header}.h", {}) for piece in pieces)
    return (
        "// Generated by zerotap: what this sketch asks of the board. port_arduino.cpp does it by Arduino's core.\n"
        f"#pragma once\n#include <stdint.h>\n\n// Comes first.\nvoid port_begin(void);\n\n{declared}"
    )


def _port_source(pieces: tuple[str, ...], words: Mapping[str, str]) -> str:
    headers = ("Arduino.h", *(file for piece in pieces for file in _PIECES[piece].includes))
    includes = "".join(f"#include <{file}>\n" for file in headers)
    defined = "\n".join(_text(f"port/{piece}.cpp", words) for piece in pieces)
    begins = "".join(f"    {_PIECES[piece].begin}();\n" for piece in pieces if _PIECES[piece].begin)
    return (
        f'// Generated by zerotap: port.h by Arduino\'s core.\n{includes}\n#include "port.h"\n\n{defined}\n'
        f"void port_begin(void)\n{{\n{begins}}}\n"
    )


def _text(file: str, words: Mapping[str, str]) -> str:
    return string.Template((_folder() / file).read_text(encoding="utf-8")).substitute(words)


def _folder() -> Traversable:
    return resources.files("zerotap.firmware.library") / "arduino" / "examples"
