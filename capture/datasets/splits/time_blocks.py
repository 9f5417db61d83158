"""One recording of a class on both sides: blocks of time with a gap between them."""

from __future__ import annotations

from collections.abc import Sequence

from zerotap.capture.packet import Recording
from zerotap.errors import CaptureError


def time_blocks(
    recording: Recording, label: str, test_fraction: float, guard_reports: int
) -> tuple[Recording, Recording]:
    """Cut one recording in time: a block to train, a gap of ``guard_reports`` packets, a block to test."""
    stop = len(recording) - max(1, round(test_fraction * len(recording)))
    if stop - guard_reports < 1:
        raise CaptureError(
            f"class {label}: its only recording has {len(recording)} packets, too few to divide in time with "
            f"a gap of {guard_reports}: record more of it"
        )
    return recording.slice(0, stop - guard_reports), recording.slice(stop, len(recording))


def blocks_note(single: Sequence[str], guard_reports: int) -> str:
    """Say which classes were divided so, "" where none was; it follows what was said before."""
    if not single:
        return ""
    names = ", ".join(single)
    return f"; {names}: a single recording, divided in time with a gap of {guard_reports} packets"
