"""Recordings of keyboards of any form as those of boot reports: what models of keys are trained on.

A host that asks for the boot protocol gets boot reports of most keyboards, whatever they send otherwise; so
does a board. What a stream is shows in many reports better than in a few, so all recordings tell together.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture import BOOT_REPORT_BYTES, Recording
from zerotap.errors import FeatureError

from .apple_fn import MOST_FN
from .keyboard_form import six_places
from .report_forms import StreamPart, stream_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAID = (
    "%s and others like it: keys are read as boot reports, which the keyboard sends where it is asked for "
    "the boot protocol, as a board has to ask (they were recorded as %s)"
)
_log = logging.getLogger(__name__)


def as_boot_reports(recordings: Sequence[Recording]) -> list[Recording]:
    """Return the recordings with boot reports of 8 bytes where theirs are of a keyboard in another form.

    A warning says what they were. Recordings of boot reports, and of what is no keyboard, stay as they are.
    Raises FeatureError where several keyboards are behind one receiver.
    """
    made = list(recordings)
    senders: dict[object, list[int]] = {}
    for number, one in enumerate(recordings):
        if len(one) and one.transfer == "interrupt":
            senders.setdefault(_sender(one), []).append(number)
    for numbers in senders.values():
        for number, one in zip(numbers, _of_one_sender([made[n] for n in numbers]), strict=True):
            made[number] = one
    return made


def _sender(recording: Recording) -> object:
    """What recordings of one keyboard have in common: its kind, or where that is unknown their lengths."""
    return (
        recording.device.kind if recording.device.is_known else tuple(np.unique(recording.lengths).tolist())
    )


def _of_one_sender(recordings: list[Recording]) -> list[Recording]:
    if _are_boot_reports(recordings):
        return recordings
    keyboards = [part for part in stream_parts(_joined(recordings)) if part.reports is not None]
    if not keyboards or not keyboards[0].form:
        return recordings
    name = recordings[0].name or "(unnamed)"
    if len(keyboards) > 1:
        devices = " and ".join(part.name for part in keyboards)
        raise FeatureError(f"recording {name} or others like it hold the keys of {devices}: record one alone")
    _log.warning(SAID, name, keyboards[0].form)
    return _divided(recordings, keyboards[0])


def _divided(recordings: list[Recording], part: StreamPart) -> list[Recording]:
    """The reports of a keyboard, each in the recording that its packet is of."""
    assert part.reports is not None
    rows = six_places(part.reports)
    starts = np.cumsum([0, *map(len, recordings)])
    edges = np.searchsorted(part.moments, starts).tolist()
    return [
        _boot(one, rows[first:stop], part.moments[first:stop] - start)
        for one, first, stop, start in zip(recordings, edges, edges[1:], starts.tolist(), strict=False)
    ]


def _are_boot_reports(recordings: Sequence[Recording]) -> bool:
    """Whether it shows at once: 8 bytes, the second 0, the first not always set, no bits of Apple's last."""
    if any((one.lengths != BOOT_REPORT_BYTES).any() for one in recordings):
        return False
    rows = [one.reports(BOOT_REPORT_BYTES) for one in recordings]
    if any(each[:, 1].any() for each in rows) or all(each[:, 0].all() for each in rows):
        return False
    return not any(((each[:, -1] > 0) & (each[:, -1] <= MOST_FN)).any() for each in rows)


def _joined(recordings: Sequence[Recording]) -> Recording:
    """One recording of the packets of all, in their order."""
    lengths = np.concatenate([one.lengths for one in recordings])
    return Recording(
        timestamps_ns=np.concatenate([one.timestamps_ns for one in recordings]),
        endpoints=np.concatenate([one.endpoints for one in recordings]),
        payload=np.concatenate([one.payload[one.offsets[0] : one.offsets[-1]] for one in recordings]),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        transfer="interrupt",
    )


def _boot(recording: Recording, rows: NDArray[np.uint8], packets: NDArray[np.intp]) -> Recording:
    return replace(
        recording,
        timestamps_ns=recording.timestamps_ns[packets],
        endpoints=recording.endpoints[packets],
        payload=rows.reshape(-1),
        offsets=np.arange(len(rows) + 1, dtype=np.int64) * BOOT_REPORT_BYTES,
    )
