"""The text of every keyboard in a capture file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from zerotap.capture import Layout, layout_named, read_described_recordings
from zerotap.errors import CaptureError, FeatureError
from zerotap.features.text.editor import edit
from zerotap.features.text.keyboard import composed, decode_text, key_strokes, raw_text, spell, typed_text
from zerotap.features.text.notes import notes_on
from zerotap.features.text.report_forms import StreamPart, stream_parts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_Value = TypeVar("_Value")

NOTATIONS: Mapping[str, Callable[[NDArray[np.uint8], Layout, bool], str]] = {
    "text": typed_text,
    "plain": lambda reports, layout, num_lock: decode_text(reports, layout, num_lock=num_lock),
    "raw": raw_text,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How keys become text: their ``layout``, whether num lock is on, and the notation, None to edit."""

    layout: Layout
    num_lock: bool
    spelling: Callable[[NDArray[np.uint8], Layout, bool], str] | None


@dataclass(frozen=True, slots=True)
class TypedStream:
    """One stream of a capture, "bus.device.endpoint"; ``text`` is None where it is no keyboard's.

    A device behind a Logitech receiver is named too: "1.5.3 device 2". ``unapplied`` spells the keys that
    editing left out. ``form`` says what the reports were if they were not boot reports of 8 bytes, and
    whether that is known or assumed; of another device, what its descriptor says it is ("mouse"). ``notes``
    say what else the text assumes, and what is missing.
    """

    name: str
    packets: int
    text: str | None = None
    unapplied: tuple[str, ...] = ()
    form: str = ""
    notes: tuple[str, ...] = ()


def typed_streams(
    path: Path, notation: str = "text", layout: str = "us", edited: bool = False, num_lock: bool = True
) -> list[TypedStream]:
    """Decode every keyboard in the capture ``path``.

    ``notation`` is a name of NOTATIONS, ``layout`` one of ``capture.LAYOUTS``; ``edited`` applies backspace
    and the cursor keys as an editor would (features/text/editor.py), and then there is no notation.
    ``num_lock`` says whether the keypad's digits are digits, or cursor keys.

    Raises CaptureError for a file that can't be read, FeatureError for an unknown name and where no stream
    is a keyboard's.
    """
    spelling, keys = _known("notation", notation, NOTATIONS), _layout(layout)
    reading = Reading(keys, num_lock, None if edited else spelling)
    recordings, described = read_described_recordings(path)
    streams = [
        _typed_stream(recording.name, part, reading)
        for recording in recordings
        for part in stream_parts(recording, described.get(recording.name, ()))
    ]
    if all(stream.text is None for stream in streams):
        names = ", ".join(stream.name for stream in streams) or "no stream at all"
        raise FeatureError(f"{path}: no keyboard in it ({names}); choose a capture of a USB keyboard")
    return streams


def _known(kind: str, name: str, registry: Mapping[str, _Value]) -> _Value:
    if name not in registry:
        raise FeatureError(f"unknown {kind} {name!r}; choose one of {', '.join(registry)}")
    return registry[name]


def _layout(name: str) -> Layout:
    try:
        return layout_named(name)
    except CaptureError as error:
        raise FeatureError(str(error)) from error


def _typed_stream(name: str, part: StreamPart, reading: Reading) -> TypedStream:
    name = f"{name} {part.name}".rstrip()
    if part.reports is None:
        return TypedStream(name, part.packets, form=part.form)
    notes = tuple(notes_on(part.reports, reading.num_lock))
    layout = reading.layout
    if reading.spelling:
        text = reading.spelling(part.reports, layout, reading.num_lock)
        return TypedStream(name, part.packets, text, (), part.form, notes)
    strokes = composed(key_strokes(part.reports, layout, reading.num_lock), layout)
    left = edit(strokes, layout, reading.num_lock)
    unapplied = tuple(spell(stroke, layout) for stroke in left.unapplied)
    return TypedStream(name, part.packets, left.text, unapplied, part.form, notes)
