"""Keyboard reports of any form -> the one that is decoded: boot reports, with as many keys as are down.

Boot reports are 8 bytes. Others have a report id before them, more places for keys, or a bit for every key
(n-key rollover), or come from several devices behind one receiver. The report descriptor tells which, if the
capture holds it; else their shape has to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zerotap.capture import BOOT_REPORT_BYTES, is_keyboard, usage_name

from .apple_fn import FN_USAGES, without_fn_byte
from .keyboard_form import LAST_MODIFIER, KeyboardReports, boot_form
from .logitech import ReceivedDevice, received_devices
from .report_shapes import shaped_reports

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Field, Recording, Report

KEY_PAGE = 0x07
FN_KEY = 0x1_0000
"""Stands for Apple's Fn among usages of the key page."""


class StreamPart(NamedTuple):
    """A device of a stream: all of it, or one behind a receiver, which ``name`` tells ("device 2").

    ``reports`` are a keyboard's, or None; ``form`` says what they were, or what another device is;
    ``moments`` intp (reports,): the packet of the stream that each came with.
    """

    name: str
    packets: int
    reports: NDArray[np.uint8] | None
    form: str
    moments: NDArray[np.intp]


def stream_parts(recording: Recording, described: Sequence[Report] = ()) -> list[StreamPart]:
    """Find the devices of a stream, and its keyboards; ``described`` as in ``keyboard_reports``."""
    received = received_devices(recording) if recording.transfer == "interrupt" else []
    if received:
        return [_received_part(device) for device in received]
    found = keyboard_reports(recording, described)
    if found:
        return [StreamPart("", len(recording), *found)]
    kinds = {usage_name(report.application): None for report in described if report.kind == "input"}
    return [StreamPart("", len(recording), None, ", ".join(kinds), np.arange(0))]


def _received_part(device: ReceivedDevice) -> StreamPart:
    is_typed = len(device.reports) > 0 and is_keyboard(device.reports)
    reports, form = (device.reports, "Logitech DJ reports") if is_typed else (None, device.kinds)
    return StreamPart(f"device {device.number}", device.packets, reports, form, device.moments)


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
    return shaped_reports(recording)


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
    told = "" if is_boot else form + "as the captured report descriptor says"
    return KeyboardReports(_with_fn_applied(down), told, moments)


def _with_fn_applied(down: NDArray[np.int64]) -> NDArray[np.uint8]:
    is_fn = down == FN_KEY
    reports = boot_form(np.where(is_fn, 0, down))
    if not is_fn.any():
        return reports
    return without_fn_byte(np.hstack([reports, is_fn.any(axis=1, keepdims=True).astype(np.uint8)]))


def _has_keys(field: Field) -> bool:
    return not field.constant and any(usages[0] >> 16 == KEY_PAGE for usages in field.usages)


def _has_fn(field: Field) -> bool:
    return not field.constant and any(usages[0] in FN_USAGES for usages in field.usages)


def _usages_down(recording: Recording, report: Report, packets: NDArray[np.intp]) -> NDArray[np.int64]:
    """The keys down in each packet of ``report``, int64 (packets, places); 0 is none, FN_KEY is Fn."""
    starts = recording.offsets[packets] + (report.report_id > 0)
    length = report.length_bytes - (report.report_id > 0)
    bits = np.unpackbits(recording.payload[starts[:, None] + np.arange(length)], axis=1, bitorder="little")
    fields = [field for field in report.fields if _has_keys(field) or _has_fn(field)]
    return np.hstack([_field_usages(bits, field) for field in fields])


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
    is_fn = np.isin(found, FN_USAGES)
    return np.where(is_key, found & 0xFFFF, np.where(is_fn, FN_KEY, 0))


def _latest(
    packets: NDArray[np.intp], usages: NDArray[np.int64], moments: NDArray[np.intp]
) -> NDArray[np.int64]:
    """The last row of ``usages`` at each of the ``moments``, zeros before the first."""
    rows = np.searchsorted(packets, moments, side="right")
    return np.vstack([np.zeros((1, usages.shape[1]), np.int64), usages])[rows]
