"""The text of every keyboard in a capture file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zerotap.capture import Recording, read_recordings
from zerotap.errors import FeatureError
from zerotap.features.keyboard import decode_text, is_keyboard, raw_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REPORT_BYTES = 8

NOTATIONS: Mapping[str, Callable[[NDArray[np.uint8]], str]] = {"plain": decode_text, "raw": raw_text}


@dataclass(frozen=True, slots=True)
class TypedStream:
    """One stream of a capture, "bus.device.endpoint"; ``text`` is None where it is no keyboard's."""

    name: str
    packets: int
    text: str | None


def typed_streams(path: Path, notation: str = "plain") -> list[TypedStream]:
    """Decode every keyboard in the capture ``path``; ``notation`` is "plain" or "raw".

    Raises CaptureError for a file that can't be read and FeatureError where no stream is a keyboard's.
    """
    if notation not in NOTATIONS:
        raise FeatureError(f"unknown notation {notation!r}; choose one of {', '.join(NOTATIONS)}")
    streams = [_typed_stream(recording, notation) for recording in read_recordings(path)]
    if all(stream.text is None for stream in streams):
        names = ", ".join(stream.name for stream in streams) or "no stream at all"
        raise FeatureError(f"{path}: no keyboard in it ({names}); choose a capture of a boot keyboard")
    return streams


def _typed_stream(recording: Recording, notation: str) -> TypedStream:
    text = None
    if (recording.lengths == REPORT_BYTES).all():
        reports = recording.reports(REPORT_BYTES)
        text = NOTATIONS[notation](reports) if is_keyboard(reports) else None
    return TypedStream(recording.name, len(recording), text)
