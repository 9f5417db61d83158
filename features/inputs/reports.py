"""Reports: packets of one length, byte for byte, as a keyboard or a mouse sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from .packet_rows import packet_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Recording

FIRST_LETTER: Final = 0x04
KEYS: Final = 0x29
"""Letters, digits and what follows them in the usage table, from return to space."""


class Reports:
    """Each packet of ``row_bytes`` bytes as uint8 (row_bytes,)."""

    name: ClassVar[str] = "reports"
    dtype: ClassVar[str] = "uint8"
    channels_vary: ClassVar[bool] = False

    def read(self, recording: Recording, row_bytes: int) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Give the packets of that length, a view of the recording where it can be."""
        return packet_rows(recording, row_bytes)

    def draw(self, rng: np.random.Generator, count: int, row_bytes: int) -> NDArray[Any]:
        """Keys struck one after another: a report with one key, then one with none."""
        rows = np.zeros((count, row_bytes), np.uint8)
        struck = rng.integers(FIRST_LETTER, FIRST_LETTER + KEYS, (count + 1) // 2)
        rows[::2, min(2, row_bytes - 1)] = struck
        return rows
