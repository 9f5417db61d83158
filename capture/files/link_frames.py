"""Frames: where a capture file keeps what it captured, before anyone knows what the bytes mean."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from zerotap.errors import CaptureError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from zerotap.capture.packet import DeviceIdentity

    from .transfers import DeviceKey, Transfers

ByteOrder = Literal["<", ">"]


@dataclass(frozen=True, slots=True)
class Tear:
    """Where a file ends too early: inside ``what``, which begins at byte ``at``; what follows is lost."""

    at: int
    what: str
    lost_bytes: int


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """Frames of one link type in a capture file, as columns, in the order of the file.

    ``byte_order`` is "<" or ">", that of the machine that captured. ``interfaces`` int64 (n,): whose each
    frame is; another number is another interface. ``timestamps_ns`` int64 (n,) since the Unix epoch,
    ``offsets`` int64 (n,) bytes into the file, ``lengths`` int64 (n,) captured bytes.
    """

    link_type: int
    byte_order: ByteOrder
    interfaces: NDArray[np.int64]
    timestamps_ns: NDArray[np.int64]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int64]


@dataclass(slots=True, eq=False)
class CaptureFrames:
    """What is where in the bytes ``buffer`` of a capture file.

    ``frames`` are those of link types that zerotap reads; ``foreign`` counts the others by link type, the
    first of which is stated at ``first_foreign`` (link type, byte). ``has_usb``: an interface is of a link
    type that is read, whether it captured or not. ``devices`` are what files of our own note.
    """

    buffer: bytes
    frames: list[Frames] = field(default_factory=list)
    foreign: Counter[int] = field(default_factory=Counter)
    first_foreign: tuple[int, int] | None = None
    has_usb: bool = False
    devices: dict[DeviceKey, DeviceIdentity] = field(default_factory=dict)
    tear: Tear | None = None
    ready: list[Transfers] = field(default_factory=list)
    descriptors: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


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
