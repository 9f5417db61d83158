"""Logitech's receivers: the reports of many devices on one endpoint, each with its device's index.

A DJ report is [0x20 or 0x21, device index, type, ...]: of a keyboard modifiers and usages. HID++ messages
stand between them, [0x10, 0x11 or 0x12, ...]. A receiver that its driver has not switched to DJ sends
ordinary reports with ids, HID++ among them; their shape tells.

Source: Linux, drivers/hid/hid-logitech-dj.c.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Recording

DJ_LENGTHS: Mapping[int, int] = {0x20: 15, 0x21: 32}
HIDPP_LENGTHS: Mapping[int, int] = {0x10: 7, 0x11: 20, 0x12: 64}
KEYBOARD = 0x01
TYPES: Mapping[int, str] = {
    KEYBOARD: "keyboard",
    0x02: "mouse",
    0x03: "consumer control",
    0x04: "system control",
    0x08: "media center",
}
LET_GO = (0x40, 0x42)
"""Unpaired, and connection lost or back: no key of the device is down then."""
MOST_DEVICES = 7
PLACES = 11


class ReceivedDevice(NamedTuple):
    """A device behind a receiver: its number, how many reports it sent, what they were ("keyboard, mouse").

    ``reports`` uint8 (n, 13): boot reports with 11 places for keys; none of another device. ``moments`` intp
    (n,): the packet that each came with.
    """

    number: int
    packets: int
    kinds: str
    reports: NDArray[np.uint8]
    moments: NDArray[np.intp]


def received_devices(recording: Recording) -> list[ReceivedDevice]:
    """Take the DJ reports of a receiver apart by device; an empty list for the packets of anything else."""
    if not _is_receiver(recording):
        return []
    rows = np.vstack([_dj_rows(recording, length) for length in DJ_LENGTHS.values()])
    places = np.concatenate([_dj_places(recording, length) for length in DJ_LENGTHS.values()])
    order = np.argsort(places)
    return list(_devices(rows[order], places[order]))


def _is_receiver(recording: Recording) -> bool:
    """Whether every packet is DJ or HID++ by its id and length, and DJ reports tell devices and types."""
    known = {**DJ_LENGTHS, **HIDPP_LENGTHS}
    lengths = recording.lengths
    if not len(recording) or not np.isin(lengths, list(known.values())).all():
        return False
    expected = np.array([known.get(number, -1) for number in range(256)])
    if (expected[recording.payload[recording.offsets[:-1]]] != lengths).any():
        return False
    rows = np.vstack([_dj_rows(recording, length) for length in DJ_LENGTHS.values()])
    return bool(len(rows) and (rows[:, 1] <= MOST_DEVICES).all() and np.isin(rows[:, 2], list(TYPES)).any())


def _dj_places(recording: Recording, length: int) -> NDArray[np.intp]:
    return np.flatnonzero(recording.lengths == length)


def _dj_rows(recording: Recording, length: int) -> NDArray[np.uint8]:
    """The reports of one length, cut to that of the shorter."""
    return recording.reports(length)[:, : min(DJ_LENGTHS.values())]


def _devices(rows: NDArray[np.uint8], places: NDArray[np.intp]) -> Iterator[ReceivedDevice]:
    for index in np.unique(rows[:, 1]).tolist():
        is_own = (rows[:, 1] == index) & np.isin(rows[:, 2], [*TYPES, *LET_GO])
        own = rows[is_own]
        kinds = ", ".join(name for number, name in TYPES.items() if (own[:, 2] == number).any())
        if kinds:
            is_chosen = np.isin(own[:, 2], [KEYBOARD, *LET_GO])
            reports = _boot_reports(own[is_chosen])
            yield ReceivedDevice(index, len(own), kinds, reports, places[is_own][is_chosen])


def _boot_reports(chosen: NDArray[np.uint8]) -> NDArray[np.uint8]:
    keys = np.where(chosen[:, 2:3] == KEYBOARD, chosen[:, 3:], 0)
    return np.hstack([keys[:, :1], np.zeros_like(keys[:, :1]), keys[:, 1:]])
