"""Who a device is, as a capture tells it: its device descriptor, and the strings that it names itself by.

The descriptors are answers to control transfers of when the device was plugged in. Which string an answer is,
only the request says, and only usbmon's header has that. Source: USB 2.0, sections 9.4.3, 9.6.1 and 9.6.7.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture.packet import DeviceIdentity, Recording

from .link_types import USBMON_LINK_TYPES, USBMON_MMAP
from .transfers import CONTROL, StreamKey, Transfers
from .usbmon.header import LONG_BYTES, SHORT_BYTES, USBMON, USBMON_STRUCT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .transfers import DeviceKey

DEVICE, STRING = 1, 3
DEVICE_DESCRIPTOR_BYTES = 18  # length 18, type 1, idVendor at 8, idProduct at 10, three strings from 14
_DESCRIPTOR = struct.Struct("<BBHBBBBHHHBBBB")
_GET_DESCRIPTOR = struct.Struct("<BBBBHH")  # bmRequestType 0x80, bRequest 6, index, type, language, length
_US_ENGLISH = 0x0409
_MOST_STRING_BYTES = 252  # the length is one byte and even, and counts the two before the text
_ENDPOINT, _IN_PROGRESS, _FIRST_URB = 0x80, -115, 1 << 63
_SETUP_AT = int(USBMON.fields["setup"][1]) if USBMON.fields else 40


def described_devices(
    buffer: NDArray[np.uint8], transfers: Transfers, has_headers: bool
) -> dict[DeviceKey, DeviceIdentity]:
    """Return the devices whose device descriptor the capture holds: vendor, product, and known strings.

    ``has_headers``: before usbmon's payloads are its headers, which say what was asked.
    """
    controls = transfers.where(transfers.kinds == CONTROL)
    descriptors = _device_descriptors(buffer, controls)
    strings = _strings(buffer, controls) if descriptors and has_headers else {}
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
