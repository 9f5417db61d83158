"""Keyboard reports of any form -> the one that is decoded: boot reports, with as many keys as are down.

Boot reports are 8 bytes. Others have a report id before them, more places for keys, or a bit for every key
(n-key rollover). The report descriptor tells which, if the capture holds it; else their shape has to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zerotap.capture import BOOT_REPORT_BYTES, ERROR_UNDEFINED, FIRST_MODIFIER, is_keyboard

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Field, Recording, Report

KEY_PAGE = 0x07
LAST_MODIFIER = 0xE7
LEAST_BITMAP_BYTES = 14
"""Modifiers, and a bit for each usage up to 0x65, the last key of an ordinary keyboard."""
MOST_KEYS_DOWN = 20
MOST_REPORT_IDS = 8
ASSUMED = "assumed from their shape, the capture has no report descriptor for them"


class KeyboardReports(NamedTuple):
    """``reports`` uint8 (n, 2 + places): modifiers, 0, the keys that are down.

    ``form`` says what they were and how that is known; "" for plain boot reports.
    """

    reports: NDArray[np.uint8]
    form: str


def keyboard_reports(recording: Recording, described: Sequence[Report] = ()) -> KeyboardReports | None:
    """Find the keyboard's reports among the packets of a stream; None if it is no keyboard's.

    ``described`` is the stream's report descriptor. It does not count where packets are not what it says: a
    keyboard in boot protocol has been told to leave it.
    """
    if recording.transfer != "interrupt":
        return None
    inputs = [report for report in described if report.kind == "input"]
    if inputs and sum(len(_packets_of(recording, report)) for report in inputs) == len(recording):
        return _by_descriptor(recording, inputs)
    return next(_by_shape(recording), None)


def _packets_of(recording: Recording, report: Report) -> NDArray[np.intp]:
    """Which packets are this report: its length and, if it has one, its id."""
    fitting = np.flatnonzero(recording.lengths == report.length_bytes)
    if report.report_id:
        fitting = fitting[recording.payload[recording.offsets[fitting]] == report.report_id]
    return fitting


def _by_descriptor(recording: Recording, inputs: Sequence[Report]) -> KeyboardReports | None:
    """Read every report that has keys; what one of them says is down stays so until it says otherwise."""
    with_keys = [report for report in inputs if any(map(_has_keys, report.fields))]
    packets = [_packets_of(recording, report) for report in with_keys]
    if not with_keys:
        return None
    usages = [_usages_down(recording, *pair) for pair in zip(with_keys, packets, strict=True)]
    moments = np.sort(np.concatenate(packets))
    down = np.hstack([_latest(*pair, moments) for pair in zip(packets, usages, strict=True)])
    lengths = {report.length_bytes for report in with_keys}
    ids = [str(report.report_id) for report in with_keys if report.report_id]
    form = f"keys of report {' and '.join(ids)}, " if ids else f"{with_keys[0].length_bytes}-byte reports, "
    is_boot = lengths == {BOOT_REPORT_BYTES} and not ids
    return KeyboardReports(
        _boot_form(down), "" if is_boot else form + "as the captured report descriptor says"
    )


def _has_keys(field: Field) -> bool:
    return not field.constant and any(usages[0] >> 16 == KEY_PAGE for usages in field.usages)


def _usages_down(recording: Recording, report: Report, packets: NDArray[np.intp]) -> NDArray[np.int64]:
    """The keys down in each packet of ``report``, int64 (packets, places); 0 is none."""
    starts = recording.offsets[packets] + (report.report_id > 0)
    length = report.length_bytes - (report.report_id > 0)
    bits = np.unpackbits(recording.payload[starts[:, None] + np.arange(length)], axis=1, bitorder="little")
    return np.hstack([_field_usages(bits, field) for field in report.fields if _has_keys(field)])


def _field_usages(bits: NDArray[np.uint8], field: Field) -> NDArray[np.int64]:
    """The usages that are down (HID 1.11, section 6.2.2.5), by a variable's place or an array's value."""
    columns = bits[:, field.bit_offset : field.bit_offset + field.bits * field.count]
    values = columns.reshape(len(bits), field.count, field.bits) @ (
        1 << np.arange(field.bits, dtype=np.int64)
    )
    if field.variable:
        down, index = values != 0, np.broadcast_to(np.arange(field.count), values.shape)
    else:
        down, index = (values >= field.minimum) & (values <= field.maximum), values - field.minimum
    found = np.zeros(values.shape, np.int64)
    start = 0
    for usages in field.usages:
        inside = down & (index >= start) & (index < start + len(usages))
        found[inside] = index[inside] - start + usages[0]
        start += len(usages)
    is_key = (found >> 16 == KEY_PAGE) & (found & 0xFFFF <= LAST_MODIFIER)
    return np.where(is_key, found & 0xFFFF, 0)


def _latest(
    packets: NDArray[np.intp], usages: NDArray[np.int64], moments: NDArray[np.intp]
) -> NDArray[np.int64]:
    """The last row of ``usages`` at each of the ``moments``, zeros before the first."""
    rows = np.searchsorted(packets, moments, side="right")
    return np.vstack([np.zeros((1, usages.shape[1]), np.int64), usages])[rows]


def _boot_form(usages: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Put modifiers into the first byte and the other usages, in their order, behind the second."""
    is_modifier = usages >= FIRST_MODIFIER
    bits = np.where(is_modifier, 1 << np.where(is_modifier, usages - FIRST_MODIFIER, 0), 0)
    keys = np.where(is_modifier, 0, usages)
    most_keys = max(1, int(np.max(np.count_nonzero(keys, axis=1), initial=0)))
    order = np.argsort(keys == 0, axis=1, kind="stable")[:, :most_keys]
    is_set = np.any(bits[:, :, None] == 1 << np.arange(8), axis=1)
    modifiers = np.packbits(is_set, axis=1, bitorder="little")
    packed = np.take_along_axis(keys, order, axis=1)
    return np.hstack([modifiers, np.zeros_like(modifiers), packed]).astype(np.uint8)


def _by_shape(recording: Recording) -> Iterator[KeyboardReports]:
    """Yield what the packets may be, the likeliest first."""
    for rows, prefix in _lanes(recording):
        width = rows.shape[1]
        what = (
            f"{prefix}boot reports" if width == BOOT_REPORT_BYTES else f"{prefix}{width - 2} places for keys"
        )
        if width >= BOOT_REPORT_BYTES and is_keyboard(rows):
            yield KeyboardReports(rows, f"{what}, {ASSUMED}" if prefix or width > BOOT_REPORT_BYTES else "")
        if width >= LEAST_BITMAP_BYTES and _is_bitmap(rows):
            usages = np.unpackbits(rows[:, 1:], axis=1, bitorder="little") * np.arange(8 * (width - 1))
            bits = np.unpackbits(rows[:, :1], axis=1, bitorder="little") * np.arange(
                FIRST_MODIFIER, LAST_MODIFIER + 1
            )
            yield KeyboardReports(
                _boot_form(np.hstack([bits, usages])), f"{prefix}a bit for every key, {ASSUMED}"
            )


def _lanes(recording: Recording) -> Iterator[tuple[NDArray[np.uint8], str]]:
    """Yield the packets as rows of one length, without the report id where they begin with one."""
    lengths = np.unique(recording.lengths).tolist()
    if lengths == [BOOT_REPORT_BYTES]:
        yield recording.reports(BOOT_REPORT_BYTES), ""
        return
    by_length = [recording.reports(length) for length in lengths if length]
    lanes = [(int(i), rows[rows[:, 0] == i, 1:]) for rows in by_length for i in np.unique(rows[:, 0])]
    ids = [i for i, _ in lanes]
    if 0 not in ids and len(set(ids)) == len(ids) <= MOST_REPORT_IDS:
        yield from ((rows, f"report id {i} and ") for i, rows in lanes)
    if len(by_length) == 1:
        yield by_length[0], ""


def _is_bitmap(rows: NDArray[np.uint8]) -> bool:
    """Whether the bytes behind the modifiers may be a bit a key: some down, none for good, few at once."""
    bits = np.unpackbits(rows[:, 1:], axis=1, bitorder="little")
    down = bits.sum(axis=1)
    is_key = (np.arange(bits.shape[1]) > ERROR_UNDEFINED) & (np.arange(bits.shape[1]) <= LAST_MODIFIER)
    return bool(0 == np.min(down) < np.max(down) <= MOST_KEYS_DOWN and not bits[:, ~is_key].any())
