"""Content: what makes two recordings the same to a model, so that no split puts them on both sides."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture.boot_reports import BOOT_REPORT_BYTES, KeyEvents, keyboard_presses, press_events
from zerotap.capture.layouts import SHIFT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture.packet import Recording


def content_hash(recording: Recording) -> str:
    """Return a hash of what the recording says, equal for equal content.

    Of a keyboard: which keys were pressed, each with or without shift, in order; not when, nor how they
    overlapped. Of anything else: the payload bytes and where packets begin.
    """
    reports = recording.reports(BOOT_REPORT_BYTES)
    presses = keyboard_presses(reports) if len(reports) == len(recording) else None
    if presses is not None:
        said = b"keys" + _shifted(presses).tobytes()
    else:
        said = b"bytes" + recording.lengths.astype("<i8").tobytes() + recording.payload.tobytes()
    return hashlib.sha256(said).hexdigest()


def pressed_keys(reports: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Each key that goes down in boot reports (n, 8), uint8 (keys, 2): 1 with shift or else 0, usage."""
    return _shifted(press_events(reports))


def _shifted(presses: KeyEvents) -> NDArray[np.uint8]:
    shifted = (presses.modifiers & SHIFT) != 0
    return np.column_stack([shifted.astype(np.uint8), presses.usages])
