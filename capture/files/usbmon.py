"""usbmon frames: how a transfer is written to a capture file of link type 220, and who its device is.

Who a device is, a capture tells by its device descriptor and the strings that it names itself by: answers to
control transfers of when it was plugged in. Which string an answer is, only the request says, and of the link
types only usbmon's header has that. Source: USB 2.0, sections 9.4.3, 9.6.1 and 9.6.7.
"""

from __future__ import annotations

import heapq
import struct
from collections.abc import Iterator, Mapping
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture.packet import DeviceIdentity, Recording
from zerotap.errors import CaptureError

from .link_types import (
    CONTROL,
    TRANSFER_TYPES,
    USBMON_LINK_TYPES,
    USBMON_MMAP,
    StreamKey,
    Transfers,
)
from .usbmon_header import LONG_BYTES, SHORT_BYTES, USBMON, USBMON_STRUCT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .link_frames import DeviceKey

_NO_SETUP = bytes(8)
DEVICE, STRING = 1, 3
DEVICE_DESCRIPTOR_BYTES = 18  # length 18, type 1, idVendor at 8, idProduct at 10, three strings from 14
_DESCRIPTOR = struct.Struct("<BBHBBBBHHHBBBB")
_GET_DESCRIPTOR = struct.Struct("<BBBBHH")  # bmRequestType 0x80, bRequest 6, index, type, language, length
_US_ENGLISH = 0x0409
_MOST_STRING_BYTES = 252  # the length is one byte and even, and counts the two before the text
_ENDPOINT, _IN_PROGRESS, _FIRST_URB = 0x80, -115, 1 << 63
_SETUP_AT = int(USBMON.fields["setup"][1]) if USBMON.fields else 40


def checked_address(device: DeviceIdentity, path: Path) -> DeviceIdentity:
    """Return ``device``; raise CaptureError where no usbmon header has room for its address."""
    if not (0 <= device.bus <= 0xFFFF and 0 <= device.address <= 0xFF):
        raise CaptureError(
            f"{path}: bus {device.bus}, address {device.address} do not fit a usbmon header "
            "(at most 65535 and 255): check the capture that they come from"
        )
    return device


def usbmon_frame(
    number: int,
    device: DeviceIdentity,
    transfer: str,
    timestamp_ns: int,
    endpoint: int,
    status: int,
    data: bytes,
) -> bytes:
    """Return header and data of the completion of transfer ``number``, "interrupt" or "bulk"."""
    seconds, nanoseconds = divmod(timestamp_ns, 1_000_000_000)
    header = USBMON_STRUCT.pack(
        *(number, ord("C"), TRANSFER_TYPES[transfer], endpoint, device.address, device.bus),
        *(ord("-"), 0, seconds, nanoseconds // 1000, status, len(data), len(data), _NO_SETUP, 0, 0, 0, 0),
    )
    return header + data


def usbmon_frames(recording: Recording) -> Iterator[tuple[int, bytes]]:
    """Yield the time in nanoseconds and the frame of each packet and event (not "cut"), in order of time."""
    endpoint = int(recording.endpoints[0]) if len(recording) else 0
    packets = ((p.timestamp_ns, p.endpoint, 0, p.data) for p in recording.packets())
    failures = ((e.timestamp_ns, endpoint, e.status, b"") for e in recording.events if e.kind != "cut")
    in_order = heapq.merge(packets, failures, key=itemgetter(0))
    for number, (timestamp_ns, from_endpoint, status, data) in enumerate(in_order, 1):
        frame = usbmon_frame(
            number, recording.device, recording.transfer, timestamp_ns, from_endpoint, status, data
        )
        yield timestamp_ns, frame


def described_devices(buffer: NDArray[np.uint8], transfers: Transfers) -> dict[DeviceKey, DeviceIdentity]:
    """Return the devices whose device descriptor the capture holds: vendor, product, and known strings."""
    controls = transfers.where(transfers.kinds == CONTROL)
    descriptors = _device_descriptors(buffer, controls)
    strings = _strings(buffer, controls) if descriptors else {}
    return {device: _identity(device, descriptor, strings) for device, descriptor in descriptors.items()}


def descriptor_frames(recording: Recording) -> Iterator[tuple[int, bytes]]:
    """Yield the time and the usbmon frame of the requests and answers by which a capture knows the device.

    There are none of a device that is not known, or without a packet.
    """
    device = recording.device
    if not (device.is_known and len(recording)):
        return
    strings = [text for text in (device.manufacturer, device.product, device.serial) if text]
    numbers = iter(range(1, 4))
    indices = [next(numbers) if text else 0 for text in (device.manufacturer, device.product, device.serial)]
    answers = [(DEVICE, 0, _device_descriptor(device, indices))]
    answers += [(STRING, index, _string_descriptor(text)) for index, text in enumerate(strings, 1)]
    timestamp_ns = int(recording.timestamps_ns[0])
    for number, (kind, index, answer) in enumerate(answers):
        for frame in _asked(device, timestamp_ns, _FIRST_URB + number, (kind, index), answer):
            yield timestamp_ns, frame


def _identity(
    device: DeviceKey, descriptor: bytes, strings: Mapping[tuple[DeviceKey, int], str]
) -> DeviceIdentity:
    vendor_id, product_id = struct.unpack_from("<HH", descriptor, 8)
    manufacturer, product, serial = (strings.get((device, index), "") for index in descriptor[14:17])
    return DeviceIdentity(vendor_id, product_id, device.bus, device.address, manufacturer, product, serial)


def _device_descriptors(buffer: NDArray[np.uint8], controls: Transfers) -> dict[DeviceKey, bytes]:
    is_fit = controls.completed & (controls.status == 0) & (controls.lengths == DEVICE_DESCRIPTOR_BYTES)
    answers = controls.where(is_fit)
    found = {}
    for key, offset in zip(answers.keys.tolist(), answers.offsets.tolist(), strict=True):
        descriptor = buffer[offset : offset + DEVICE_DESCRIPTOR_BYTES].tobytes()
        if descriptor[:2] == bytes([DEVICE_DESCRIPTOR_BYTES, DEVICE]):
            found[StreamKey.unpack(key).device] = descriptor
    return found


def _strings(buffer: NDArray[np.uint8], controls: Transfers) -> dict[tuple[DeviceKey, int], str]:
    """Return the strings that devices answered, by the index asked for: an answer has its request's URB."""
    asked: dict[bytes, int] = {}
    found = {}
    for key, offset, length, completed in _rows_of_usbmon(controls):
        device = StreamKey.unpack(key).device
        start = offset - (LONG_BYTES if device.link_type == USBMON_MMAP else SHORT_BYTES)
        urb = buffer[start : start + 8].tobytes()
        if not completed:
            index = _string_asked(buffer[start + _SETUP_AT : start + _SETUP_AT + 4].tobytes())
            asked[urb] = index
        elif (index := asked.pop(urb, 0)) and length >= 2:
            answer = buffer[offset : offset + length].tobytes()
            if answer[1] == STRING and answer[0] == length:
                found[device, index] = answer[2:].decode("utf-16-le", "replace")
    return found


def _rows_of_usbmon(controls: Transfers) -> Iterator[tuple[int, int, int, bool]]:
    chosen = controls.where(np.isin(controls.keys >> 40, USBMON_LINK_TYPES))
    columns = (chosen.keys, chosen.offsets, chosen.lengths, chosen.completed)
    return zip(*(column.tolist() for column in columns), strict=True)


def _string_asked(setup: bytes) -> int:
    """The index of the string that a request asks for, 0 of any other; string 0 lists the languages."""
    return setup[2] if setup[:2] == b"\x80\x06" and setup[3:] == bytes([STRING]) else 0


def _device_descriptor(device: DeviceIdentity, indices: list[int]) -> bytes:
    ids = device.vendor_id, device.product_id
    return _DESCRIPTOR.pack(DEVICE_DESCRIPTOR_BYTES, DEVICE, 0x0200, 0, 0, 0, 8, *ids, 0, *indices, 1)


def _string_descriptor(text: str) -> bytes:
    said = text.encode("utf-16-le", "replace")[:_MOST_STRING_BYTES]
    return bytes([2 + len(said), STRING]) + said


def _asked(
    device: DeviceIdentity, timestamp_ns: int, urb: int, asked: tuple[int, int], answer: bytes
) -> Iterator[bytes]:
    """Yield a request for the descriptor ``asked`` (type, index) and its answer, as usbmon writes them."""
    kind, index = asked
    language = _US_ENGLISH if kind == STRING else 0
    setup = _GET_DESCRIPTOR.pack(0x80, 6, index, kind, language, len(answer))
    seconds, rest_ns = divmod(timestamp_ns, 1_000_000_000)
    where = CONTROL, _ENDPOINT, device.address, device.bus
    when = seconds, rest_ns // 1000
    size = len(answer)
    later = 0, 0, 0, 0
    yield USBMON_STRUCT.pack(urb, ord("S"), *where, 0, ord("<"), *when, _IN_PROGRESS, size, 0, setup, *later)
    yield (
        USBMON_STRUCT.pack(urb, ord("C"), *where, ord("-"), 0, *when, 0, size, size, bytes(8), *later)
        + answer
    )
