"""Keyboard reports told by their shape alone, where a capture holds no report descriptor of theirs.

After a report id or none come the modifiers, then a reserved 0 or none, then places for keys or a bit for
every key; Apple's end with a byte for Fn. Only what a hand can type counts (``capture.is_keyboard``), and the
less of this is as boot reports have it, the more the keys have to show.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zerotap.capture import (
    BOOT_REPORT_BYTES,
    ERROR_UNDEFINED,
    FIRST_MODIFIER,
    is_keyboard,
    press_events,
    releases_all,
)

from .apple_fn import has_fn_byte, without_fn_byte
from .keyboard_form import LAST_MODIFIER, KeyboardReports, boot_form

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Recording

LEAST_BYTES = 7
"""Modifiers and six keys, as Bluetooth keyboards send them, or a reserved 0 and five."""
LEAST_BITMAP_BYTES = 14
"""Modifiers, and a bit for each usage up to 0x65, the last key of an ordinary keyboard."""
MOST_KEYS_DOWN = 20
MOST_MODIFIERS_DOWN = 4
MOST_REPORT_IDS = 8
MOST_LENGTHS = 32
FIRST_LETTER, SPACE = 0x04, 0x2C
"""Between them in the usage table: letters, digits, return, escape, backspace and tab."""
_SET_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(axis=1, dtype=np.uint8)
ASSUMED = "assumed from their shape, the capture has no report descriptor for them"


class _Lane(NamedTuple):
    """Packets of one length as rows, without the report id that ``prefix`` names; ``packets``: which."""

    rows: NDArray[np.uint8]
    prefix: str
    packets: NDArray[np.intp]


def shaped_reports(recording: Recording) -> KeyboardReports | None:
    """Read the packets as the likeliest form in which they are a keyboard's; None if in no form they are."""
    lengths = np.unique(recording.lengths).tolist()
    if not lengths or lengths[-1] < LEAST_BYTES or len(lengths) > MOST_LENGTHS:
        return None
    by_id = _lanes_by_id(recording, lengths)
    whole = _whole_lane(recording) if len(lengths) == 1 else []
    tells_no_id = lengths == [BOOT_REPORT_BYTES] and len(recording) == 1
    order = [whole, by_id] if tells_no_id else [by_id, whole]
    return next(filter(None, (_likeliest(lanes) for lanes in order)), None)


def _likeliest(lanes: list[_Lane]) -> KeyboardReports | None:
    """The first reading; its form names the report ids that may be a keyboard's too and are left out."""
    by_prefix: dict[str, KeyboardReports] = {}
    for prefix, reading in _readings_of(lanes):
        by_prefix.setdefault(prefix, reading)
    if not by_prefix:
        return None
    first, *others = by_prefix
    left_out = ", ".join(prefix.removesuffix(" and ") for prefix in others)
    chosen = by_prefix[first]
    return chosen._replace(form=f"{chosen.form}; {left_out} left out") if others else chosen


def _whole_lane(recording: Recording) -> list[_Lane]:
    """Packets of one length as they are; none where a modifier is held for good and keys are not in place."""
    rows = recording.reports(int(recording.lengths[0]))
    is_held = len(rows) > 1 and bool(rows[:, 0].all())
    return [_Lane(rows, "", np.arange(len(rows)))] if not is_held or _fills_places(rows) else []


def _lanes_by_id(recording: Recording, lengths: list[int]) -> list[_Lane]:
    """The packets by report id, those with most of them first; none of a length that begins with 0, no id."""
    if 0 in lengths:
        return []
    ids = np.unique(recording.payload[recording.offsets[:-1]]).tolist()
    if len(ids) > MOST_REPORT_IDS:
        return []
    told = " (the first byte is never 0)" if lengths == [BOOT_REPORT_BYTES] else ""
    by_length = [
        (recording.reports(length), np.flatnonzero(recording.lengths == length))
        for length in lengths
        if length > LEAST_BYTES
    ]
    lanes = [
        _Lane(
            rows[rows[:, 0] == number, 1:],
            f"report id {number}{told} and ",
            packets[rows[:, 0] == number],
        )
        for rows, packets in by_length
        if rows[:, 0].all()
        for number in ids
    ]
    return sorted(lanes, key=lambda lane: -len(lane.rows))


def _readings_of(lanes: list[_Lane]) -> Iterator[tuple[str, KeyboardReports]]:
    """Yield what has places for keys in any lane before what has bits for them, each with the lane's prefix.

    Reports that are long enough for bits have places only where the first one is always taken, or else
    nothing in them is a bit.
    """
    is_long = [lane.rows.shape[1] >= LEAST_BITMAP_BYTES for lane in lanes]
    for lane, may_be_bits in zip(lanes, is_long, strict=True):
        if not may_be_bits or _fills_places(lane.rows):
            yield from ((lane.prefix, found) for found in _with_places(*lane))
    for lane in lanes:
        yield from ((lane.prefix, found) for found in _with_bits(*lane))
    for lane, may_be_bits in zip(lanes, is_long, strict=True):
        if may_be_bits:
            yield from ((lane.prefix, found) for found in _with_places(*lane))


def _with_places(
    rows: NDArray[np.uint8], prefix: str, packets: NDArray[np.intp]
) -> Iterator[KeyboardReports]:
    width = rows.shape[1]
    if not len(rows) or width < LEAST_BYTES:
        return
    is_reserved = not rows[:, 1].any()
    reports = rows if is_reserved else np.insert(rows, 1, 0, axis=1)
    is_boot = is_reserved and width == BOOT_REPORT_BYTES
    if not is_reserved and not (_is_certain(reports) and _may_lack_reserved(width, prefix)):
        return
    if not is_boot and not _has_few_modifiers(reports):
        return
    places = reports.shape[1] - 2
    if is_keyboard(reports):
        what = "boot reports" if is_boot else f"{places} places for keys"
        form = f"{prefix}{what}, {ASSUMED}" if prefix or not is_boot else ""
        yield KeyboardReports(reports, form, packets)
    elif has_fn_byte(reports) and is_keyboard(without_fn_byte(reports)):
        form = f"{prefix}{places - 1} places for keys and Apple's Fn byte, {ASSUMED}"
        yield KeyboardReports(without_fn_byte(reports), form, packets)


def _may_lack_reserved(width: int, prefix: str) -> bool:
    """Whether keyboards are known that send this many bytes without a reserved one."""
    return width == LEAST_BYTES or (bool(prefix) and width < LEAST_BITMAP_BYTES)


def _has_few_modifiers(reports: NDArray[np.uint8]) -> bool:
    down = np.unpackbits(reports[:, :1], axis=1).sum(axis=1)
    return bool(np.max(down) <= MOST_MODIFIERS_DOWN)


def _fills_places(reports: NDArray[np.uint8]) -> bool:
    """Whether the first place for a key is taken wherever another is; a mouse's distances stand anywhere."""
    return not reports[reports[:, 2] == 0, 3:-1].any()


def _is_certain(reports: NDArray[np.uint8]) -> bool:
    """Whether keys take the first place, come up and are a text's: what reports without a reserved 0 owe."""
    return _fills_places(reports) and releases_all(reports[:, :-1]) and _is_text(reports[:, :-1])


def _with_bits(rows: NDArray[np.uint8], prefix: str, packets: NDArray[np.intp]) -> Iterator[KeyboardReports]:
    width = rows.shape[1]
    if not len(rows) or width < LEAST_BITMAP_BYTES or not _is_bitmap(rows):
        return
    usages = np.unpackbits(rows[:, 1:], axis=1, bitorder="little") * np.arange(8 * (width - 1))
    modifiers = np.unpackbits(rows[:, :1], axis=1, bitorder="little") * np.arange(
        FIRST_MODIFIER, LAST_MODIFIER + 1
    )
    reports = boot_form(np.hstack([modifiers, usages]))
    if is_keyboard(reports) and _is_text(reports) and _is_spread(reports):
        yield KeyboardReports(reports, f"{prefix}a bit for every key, {ASSUMED}", packets)


def _is_bitmap(rows: NDArray[np.uint8]) -> bool:
    """Whether the bytes behind the modifiers may be a bit a key: some down, none for good, few at once."""
    usages = np.arange(8 * (rows.shape[1] - 1))
    no_keys = np.packbits((usages <= ERROR_UNDEFINED) | (usages > LAST_MODIFIER), bitorder="little")
    down = _SET_BITS[rows[:, 1:]].sum(axis=1)
    return bool(0 == np.min(down) < np.max(down) <= MOST_KEYS_DOWN and not (rows[:, 1:] & no_keys).any())


def _is_text(reports: NDArray[np.uint8]) -> bool:
    """Whether at least half of the keys are those of a text.

    A vendor's matrix of its own has bits too, and its keys are anywhere in the usage table.
    """
    usages = press_events(reports).usages
    in_text = np.count_nonzero((usages >= FIRST_LETTER) & (usages <= SPACE))
    return bool(2 * in_text >= len(usages))


def _is_spread(reports: NDArray[np.uint8]) -> bool:
    """Whether the keys of more than a few strokes are in several bytes of bits; buttons are in one."""
    usages = press_events(reports).usages
    return len(np.unique(usages >> 3)) >= min(3, len(usages) // 3)
