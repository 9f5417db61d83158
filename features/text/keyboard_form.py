"""The form that every keyboard's reports are brought into: boot reports, with as many keys as are down."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zerotap.capture import FIRST_MODIFIER

if TYPE_CHECKING:
    from numpy.typing import NDArray

LAST_MODIFIER = 0xE7
ERROR_ROLL_OVER = 0x01
_PLACES = 6


class KeyboardReports(NamedTuple):
    """``reports`` uint8 (n, 2 + places): modifiers, 0, the keys that are down.

    ``form`` says what they were and how that is known; "" for plain boot reports. ``packets`` intp (n,): the
    packet that each came with.
    """

    reports: NDArray[np.uint8]
    form: str
    packets: NDArray[np.intp]


def boot_form(usages: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Put the modifiers of usages (n, places) into the first byte, and the others behind the second.

    They keep their order; 0 is no key.
    """
    is_modifier = usages >= FIRST_MODIFIER
    bits = np.where(is_modifier, 1 << np.where(is_modifier, usages - FIRST_MODIFIER, 0), 0)
    keys = np.where(is_modifier, 0, usages)
    most_keys = max(1, int(np.max(np.count_nonzero(keys, axis=1), initial=0)))
    order = np.argsort(keys == 0, axis=1, kind="stable")[:, :most_keys]
    is_set = np.any(bits[:, :, None] == 1 << np.arange(8), axis=1)
    modifiers = np.packbits(is_set, axis=1, bitorder="little")
    packed = np.take_along_axis(keys, order, axis=1)
    return np.hstack([modifiers, np.zeros_like(modifiers), packed]).astype(np.uint8)


def six_places(reports: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bring reports (n, 2 + places) to 8 bytes, as a keyboard in boot protocol sends them.

    Keys keep their order; where more than six are down all places say so (HID 1.11, appendix C).
    """
    keys = reports[:, 2:]
    counts = np.count_nonzero(keys, axis=1)
    order = np.argsort(keys == 0, axis=1, kind="stable")
    packed = np.zeros((len(keys), max(_PLACES, keys.shape[1])), np.uint8)
    packed[:, : keys.shape[1]] = np.take_along_axis(keys, order, axis=1)
    packed[counts > _PLACES] = ERROR_ROLL_OVER
    return np.hstack([reports[:, :2], packed[:, :_PLACES]])
