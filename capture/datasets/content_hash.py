"""Content: what makes two recordings the same to a model, so that no split puts them on both sides."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture.packet import Recording

BOOT_REPORT_BYTES = 8
SHIFTS = 0x22  # left and right shift in a boot report's modifier byte
FIRST_KEY, ROLLOVER = 4, 1  # usages below 4 are no keys; 1 in any place: too many keys to tell


def content_hash(recording: Recording) -> str:
    """Return a hash of what the recording says, equal for equal content.

    Of a keyboard: which keys were pressed, each with or without shift, in order; not when, nor how they
    overlapped. Of anything else: the payload bytes and where packets begin.
    """
    if _is_boot_keyboard(recording):
        said = b"keys" + pressed_keys(recording.reports(BOOT_REPORT_BYTES)).tobytes()
    else:
        said = b"bytes" + recording.lengths.astype("<i8").tobytes() + recording.payload.tobytes()
    return hashlib.sha256(said).hexdigest()


def pressed_keys(reports: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return each key as it enters boot reports (n, 8), as rows (shifted 0 or 1, usage), uint8 (keys, 2).

    Source: USB HID 1.11, appendix B.1 (boot keyboard) and C (keys held, rollover).
    """
    reports = reports[~(reports[:, 2:] == ROLLOVER).any(axis=1)]
    keys = reports[:, 2:]
    before = np.vstack([np.zeros((1, 6), np.uint8), keys[:-1]])[: len(keys)]
    entering = (keys >= FIRST_KEY) & ~(keys[:, :, None] == before[:, None, :]).any(axis=2)
    row, place = np.nonzero(entering)
    shifted = (reports[row, 0] & SHIFTS) != 0
    return np.column_stack([shifted.astype(np.uint8), keys[row, place]])


def _is_boot_keyboard(recording: Recording) -> bool:
    """Tell whether every packet has the shape of a boot report: 8 bytes, the second reserved (zero)."""
    reports = recording.reports(BOOT_REPORT_BYTES)
    return (
        len(reports) == len(recording) > 0
        and not reports[:, 1].any()
        and bool((reports[:, 2:] >= FIRST_KEY).any())
    )
