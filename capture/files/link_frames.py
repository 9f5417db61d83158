"""Frames: where a capture file keeps what it captured, before anyone knows what the bytes mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from zerotap.errors import CaptureError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from zerotap.capture.packet import DeviceIdentity

ByteOrder = Literal["<", ">"]


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """The frames of one interface of a capture file, as columns.

    The file states ``link_type`` at byte ``stated_at``. ``byte_order`` is "<" or ">", that of the machine
    that captured. ``timestamps_ns`` int64 (n,) since the Unix epoch, ``offsets`` int64 (n,) bytes into the
    file, ``lengths`` int64 (n,) captured bytes. ``device`` is what a file of our own notes of its device;
    other programs note none.
    """

    link_type: int
    stated_at: int
    byte_order: ByteOrder
    timestamps_ns: NDArray[np.int64]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int64]
    device: DeviceIdentity | None = None


@dataclass(frozen=True, slots=True)
class Tear:
    """Where a file ends too early: inside ``what``, which begins at byte ``at``; what follows is lost."""

    at: int
    what: str
    lost_bytes: int


def truncated(path: Path, tear: Tear) -> CaptureError:
    """Return the error for a file that has to be whole and is not."""
    at = tear.at
    return CaptureError(
        f"{path}: truncated: the {tear.what} at byte {at} runs past the end of the file; "
        f"keep the whole packets before it with `head -c {at} {path.name} > whole{path.suffix}`"
    )


def damaged(path: Path, at: int, why: str) -> CaptureError:
    """Return the error for bytes that no capture program writes."""
    return CaptureError(
        f"{path}: damaged at byte {at}: {why}; capture again or restore the file from its source"
    )
