"""Frames of which several make a transfer: what puts them together, by link type."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from .bluetooth.packets import assemble as assemble_bluetooth
from .transfers import TransferBuilder
from .usb_packets.assembly import assemble as assemble_usb

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .link_frames import CaptureFrames, Frames


Assembler = Callable[["NDArray[np.uint8]", "Frames", TransferBuilder], list[str]]
"""``assemble(buffer, frames, made)`` adds the transfers to ``made`` and returns what is to be said of those
that are left out, a sentence each."""

ASSEMBLERS: Final[dict[int, Assembler]] = {
    187: assemble_bluetooth,
    201: assemble_bluetooth,
    254: assemble_bluetooth,
    288: assemble_usb,
    293: assemble_usb,
    294: assemble_usb,
    295: assemble_usb,
}
"""The link types that ``link_types.PACKET_LINK_TYPES`` names."""


def assemble_frames(found: CaptureFrames) -> CaptureFrames:
    """Turn frames that are parts of transfers into transfers, whose data lie behind the file's own bytes."""
    parts = [part for part in found.frames if part.link_type in ASSEMBLERS]
    if not parts:
        return found
    found.frames = [part for part in found.frames if part.link_type not in ASSEMBLERS]
    buffer = np.frombuffer(found.buffer, np.uint8)
    kept = found.buffer if found.frames or found.ready else b""
    content = bytearray(kept)
    for part in parts:
        made = TransferBuilder(part.link_type)
        found.notes += ASSEMBLERS[part.link_type](buffer, part, made)
        found.ready.append(made.transfers(len(content)))
        content += made.data
    found.buffer = bytes(content)
    return found
