"""The text of every keyboard in a capture file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from zerotap.capture import Layout, Recording, layout_named, read_described_recordings, usage_name
from zerotap.errors import CaptureError, FeatureError
from zerotap.features.text.editor import edit
from zerotap.features.text.keyboard import composed, decode_text, key_strokes, raw_text, spell, typed_text
from zerotap.features.text.report_forms import keyboard_reports

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from zerotap.capture import Report

_Value = TypeVar("_Value")

NOTATIONS: Mapping[str, Callable[[NDArray[np.uint8], Layout], str]] = {
    "text": typed_text,
    "plain": decode_text,
    "raw": raw_text,
}


@dataclass(frozen=True, slots=True)
class TypedStream:
    """One stream of a capture, "bus.device.endpoint"; ``text`` is None where it is no keyboard's.

    ``unapplied`` spells the keys that editing left out. ``form`` says what the reports were if they were not
    boot reports of 8 bytes, and whether that is known or assumed; of another device, what its descriptor says
    it is ("mouse").
    """

    name: str
    packets: int
    text: str | None = None
    unapplied: tuple[str, ...] = ()
    form: str = ""


def typed_streams(
    path: Path, notation: str = "text", layout: str = "us", edited: bool = False
) -> list[TypedStream]:
    """Decode every keyboard in the capture ``path``.

    ``notation`` is a name of NOTATIONS, ``layout`` one of ``capture.LAYOUTS``; ``edited`` applies
    backspace and the cursor keys as an editor would (features/text/editor.py), and then there is no notation.

    Raises CaptureError for a file that can't be read, FeatureError for an unknown name and where no stream
    is a keyboard's.
    """
    spelling, keys = _known("notation", notation, NOTATIONS), _layout(layout)
    recordings, described = read_described_recordings(path)
    streams = [
        _typed_stream(recording, described.get(recording.name, ()), keys, None if edited else spelling)
        for recording in recordings
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


def _typed_stream(
    recording: Recording,
    described: Sequence[Report],
    layout: Layout,
    spelling: Callable[[NDArray[np.uint8], Layout], str] | None,
) -> TypedStream:
    found = keyboard_reports(recording, described)
    if found is None:
        kinds = {usage_name(report.application): None for report in described if report.kind == "input"}
        return TypedStream(recording.name, len(recording), form=", ".join(kinds))
    if spelling:
        return TypedStream(recording.name, len(recording), spelling(found.reports, layout), (), found.form)
    left = edit(composed(key_strokes(found.reports, layout), layout))
    unapplied = tuple(spell(stroke, layout) for stroke in left.unapplied)
    return TypedStream(recording.name, len(recording), left.text, unapplied, found.form)
