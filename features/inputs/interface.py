"""What every input is: how a recording becomes items, and how items to measure with are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

import numpy as np

from zerotap.errors import FeatureError
from zerotap.features.transforms.interface import Signal
from zerotap.features.transforms.item_times import TIME_BYTES, rows_of, timed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Recording

PERIOD_MS: Final = 8
"""Between drawn packets: a keyboard's polling interval."""
ROW_BYTES_MAX: Final = 1 << 20
"""More than a USB transfer carries on the systems that record them."""


class Rows(Protocol):
    """A recording as rows of one length, each with the time of its packet.

    ``channels_vary``: of a sensor's samples, every channel is to change (see ``constant_channels``).
    """

    name: ClassVar[str]
    dtype: ClassVar[str]
    channels_vary: ClassVar[bool]

    def read(self, recording: Recording, row_bytes: int) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """Timestamps in ns int64 (n,) and rows (n, row_bytes / itemsize); n is 0 where there are none.

        Raises FeatureError where the recording has such rows, but of another length.
        """

    def draw(self, rng: np.random.Generator, count: int, row_bytes: int) -> NDArray[Any]:
        """Rows (count, row_bytes / itemsize) as a device may send them."""


@dataclass(frozen=True, slots=True)
class Input:
    """What a pipeline's TOML calls its source: rows, each with its time in ms in front if ``is_timed``."""

    rows: Rows
    is_timed: bool = False

    @property
    def name(self) -> str:
        """The registry's name."""
        return f"timed_{self.rows.name}" if self.is_timed else self.rows.name

    @property
    def dtype(self) -> str:
        """The NumPy name of an item's dtype."""
        return self.rows.dtype

    def check(self, row_bytes: int) -> None:
        """Raise FeatureError unless ``row_bytes`` is 1 to ROW_BYTES_MAX and a whole number of elements."""
        itemsize = np.dtype(self.dtype).itemsize
        if not 1 <= row_bytes <= ROW_BYTES_MAX or row_bytes % itemsize:
            even = {1: "", 2: ", an even number"}.get(itemsize, f", a multiple of {itemsize}")
            raise FeatureError(
                f"{self.name} of {row_bytes} bytes: set the pipeline's report_bytes to 1 to "
                f"{ROW_BYTES_MAX:,}{even}"
            )

    def signal(self, row_bytes: int) -> Signal:
        """One item, the time's bytes included."""
        item_bytes = row_bytes + TIME_BYTES * self.is_timed
        return Signal((item_bytes // np.dtype(self.dtype).itemsize,), self.dtype)

    def items(self, recording: Recording, row_bytes: int) -> NDArray[Any]:
        """A recording's items (n, *signal.shape), a view of its packets where it can be.

        Times count from the first item. Raises FeatureError as ``Rows.read`` does.
        """
        timestamps_ns, rows = self.rows.read(recording, row_bytes)
        return timed(timestamps_ns, rows) if self.is_timed else rows

    def untimed(self, items: NDArray[Any]) -> NDArray[Any]:
        """A view of items (n, size) without their times."""
        return rows_of(items) if self.is_timed else items

    def draw(self, count: int, row_bytes: int, seed: int = 0) -> NDArray[Any]:
        """Items (count, *signal.shape) to measure with, PERIOD_MS apart; the same seed gives the same."""
        rows = self.rows.draw(np.random.default_rng(seed), count, row_bytes)
        times_ns = np.arange(count, dtype=np.int64) * PERIOD_MS * 1_000_000
        return timed(times_ns, rows) if self.is_timed else rows
