"""Report descriptors that a capture holds, because it was running when the device was plugged in.

The host asks for them by control transfers, whose requests not every capture keeps; what tells the answers
apart is their own beginning and their length, which the configuration descriptor announces.

Sources: USB 2.0, section 9.6 (descriptors); HID 1.11, sections 6.2.1 (HID descriptor) and 6.2.2.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zerotap.capture.usb.hid import Report, decode_report_descriptor
from zerotap.errors import CaptureError

from .reading import capture_of, read_frames, warned_recordings
from .streams import directed_name, transfers_of
from .transfers import CONTROL, StreamKey, Transfers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture.packet import Recording

    from .link_frames import CaptureFrames
    from .transfers import DeviceKey

CONFIGURATION, INTERFACE, ENDPOINT, HID = 0x02, 0x04, 0x05, 0x21
MOST_DECODED_BYTES = 1 << 18  # of the report descriptors of one capture: a hundred times what devices have
_LEAST_BYTES = {CONFIGURATION: 9, INTERFACE: 9, ENDPOINT: 7, HID: 9}


class _HidInterface(NamedTuple):
    """An IN endpoint of a HID interface, and how long the interface's report descriptor is."""

    number: int
    endpoint: int
    descriptor_bytes: int


def read_captured_reports(path: str | Path) -> dict[str, tuple[Report, ...]]:
    """Decode the report descriptors in the capture ``path``: stream "BUS.ADDRESS.ENDPOINT" -> reports.

    Raises CaptureError as ``read_capture`` does; a descriptor that is cut or damaged is left out, and what
    comes after MOST_DECODED_BYTES of them.
    """
    path = Path(path)
    return _reports_in(read_frames(path), path)


def read_described_recordings(path: str | Path) -> tuple[list[Recording], dict[str, tuple[Report, ...]]]:
    """Read a capture once, as a pipe can be: ``read_recordings`` and ``read_captured_reports`` of it."""
    path = Path(path)
    found = read_frames(path)
    recordings = warned_recordings(capture_of(found, path), path)
    described = _reports_in(found, path)
    return recordings, {
        r.name: described[name] for r in recordings if (name := _described_by(r)) in described
    }


def _described_by(recording: Recording) -> str:
    """The name under which a stream's reports are found: what goes out is not described here."""
    directed = directed_name(recording)
    return directed.removesuffix("in") if directed.endswith("in") else ""


def _reports_in(found: CaptureFrames, path: Path) -> dict[str, tuple[Report, ...]]:
    if not found.frames and not found.ready:
        return {}
    buffer = np.frombuffer(found.buffer, np.uint8)
    stated = {name: _decoded(answer) for name, answer in found.descriptors.items()}
    return captured_reports(buffer, transfers_of(found, path)) | stated


def captured_reports(buffer: NDArray[np.uint8], transfers: Transfers) -> dict[str, tuple[Report, ...]]:
    """Find the reports of every stream whose report descriptor is among the ``transfers``.

    Where interfaces of one device have descriptors of one length, they are taken in the order of asking.
    """
    found = {}
    left_bytes = MOST_DECODED_BYTES
    for device, answers in _answers(buffer, transfers).items():
        # A host asks for one descriptor many times: each is decoded once, and only if an interface has it.
        unused: dict[int, deque[bytes]] = defaultdict(deque)
        for answer in dict.fromkeys(answers):
            unused[len(answer)].append(answer)
        for interface in _hid_interfaces(answers):
            fitting = unused[interface.descriptor_bytes]
            reports: tuple[Report, ...] = ()
            while fitting and not reports and len(fitting[0]) <= left_bytes:
                left_bytes -= len(fitting[0])
                reports = _decoded(fitting.popleft())
            if reports:
                found[f"{device.bus}.{device.address}.{interface.endpoint & 0x0F}"] = reports
    return found


def _answers(buffer: NDArray[np.uint8], transfers: Transfers) -> dict[DeviceKey, list[bytes]]:
    """What each device answered to control requests, whole answers only, in order."""
    is_whole = (transfers.lengths > 0) & (transfers.lengths >= transfers.full_lengths)
    chosen = transfers.where(
        transfers.completed & (transfers.kinds == CONTROL) & (transfers.status == 0) & is_whole
    )
    answers = defaultdict(list)
    columns = zip(chosen.keys.tolist(), chosen.offsets.tolist(), chosen.lengths.tolist(), strict=True)
    for key, offset, length in columns:
        answers[StreamKey.unpack(key).device].append(buffer[offset : offset + length].tobytes())
    return answers


def _decoded(answer: bytes) -> tuple[Report, ...]:
    """The reports of a report descriptor; none of other answers, by their first item or later damage."""
    if answer[0] & 0xFC not in (0x04, 0x08):
        return ()
    try:
        return decode_report_descriptor(answer)
    except CaptureError:
        return ()


def _hid_interfaces(answers: Sequence[bytes]) -> list[_HidInterface]:
    """The HID interfaces of the longest configuration descriptor, by number."""
    configurations = [a for a in answers if a[1:2] == bytes([CONFIGURATION]) and a[0] == 9]
    return sorted(_interfaces_in(max(configurations, key=len, default=b"")))


def _interfaces_in(configuration: bytes) -> Iterator[_HidInterface]:
    number, descriptor_bytes = -1, 0
    for kind, descriptor in _descriptors(configuration):
        if kind == INTERFACE:
            number, descriptor_bytes = descriptor[2], 0
        elif kind == HID:
            descriptor_bytes = int.from_bytes(descriptor[7:9], "little")
        elif kind == ENDPOINT and descriptor[2] & 0x80 and descriptor_bytes:
            yield _HidInterface(number, descriptor[2], descriptor_bytes)


def _descriptors(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the type and bytes of each descriptor, up to one that is too short for its type."""
    at = 0
    while at + 2 <= len(data):
        descriptor = data[at : at + data[at]]
        if len(descriptor) < max(2, _LEAST_BYTES.get(data[at + 1], 2)):
            return
        yield data[at + 1], descriptor
        at += len(descriptor)
