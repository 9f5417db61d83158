"""Samples as the lines that a board's serial port would have sent: how every number is stored."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture.packet import DeviceIdentity, Recording

if TYPE_CHECKING:
    from pathlib import Path

SENSOR_ENDPOINT = 0x82  # bulk IN, where an Arduino's serial port sends


class PacketColumns:
    """Packets as columns, while they are read: an object each would take forty times the file."""

    def __init__(self) -> None:
        self.timestamps_ns, self.lengths, self.payload = array("q"), array("I"), bytearray()

    def append(self, timestamp_ns: int, data: bytes) -> None:
        """Add a packet."""
        self.timestamps_ns.append(timestamp_ns)
        self.lengths.append(len(data))
        self.payload += data

    def recording(
        self, path: Path, endpoint: int, transfer: str, device: DeviceIdentity | None = None
    ) -> Recording:
        """Return the packets that the file ``path`` gave."""
        offsets = np.zeros(len(self.lengths) + 1, np.int64)
        np.cumsum(np.frombuffer(self.lengths, np.uint32), out=offsets[1:])
        return Recording(
            timestamps_ns=np.frombuffer(self.timestamps_ns, np.int64),
            endpoints=np.full(len(self.lengths), endpoint, np.uint8),
            payload=np.frombuffer(self.payload, np.uint8),
            offsets=offsets,
            device=device or DeviceIdentity(product=path.name),
            name=f"0.0.{endpoint & 0x0F}",
            transfer=transfer,
        )


def line_of(cells: Sequence[str]) -> bytes:
    """Return a line of cells between commas."""
    return (",".join(cells) + "\n").encode()


def channel_names(names: Sequence[str]) -> list[str]:
    """Return names that a header can have: no separators, no numbers, no two alike."""
    found: list[str] = []
    for number, name in enumerate(names):
        plain = re.sub(r"[\s,;|:=\"'#]+", "_", name.strip()).strip("_") or f"channel_{number}"
        plain = f"channel_{plain}" if re.match(r"[\d.+-]", plain) else plain
        found.append(plain if plain not in found else f"{plain}_{number}")
    return found
