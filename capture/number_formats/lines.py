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
        self.timestamps_ns, self.offsets, self.payload = array("q"), array("q", [0]), bytearray()

    def append(self, timestamp_ns: int, data: bytes) -> None:
        """Add a packet."""
        self.timestamps_ns.append(timestamp_ns)
        self.payload += data
        self.offsets.append(len(self.payload))

    def recording(
        self, path: Path, endpoint: int, transfer: str, device: DeviceIdentity | None = None
    ) -> Recording:
        """Return the packets that the file ``path`` gave."""
        return Recording(
            timestamps_ns=np.frombuffer(self.timestamps_ns, np.int64),
            endpoints=np.full(len(self.timestamps_ns), endpoint, np.uint8),
            payload=np.frombuffer(self.payload, np.uint8),
            offsets=np.frombuffer(self.offsets, np.int64),
            device=device or DeviceIdentity(product=path.name),
            name=f"0.0.{endpoint & 0x0F}",
            transfer=transfer,
        )


def line_of(cells: Sequence[str]) -> bytes:
    """Return a line of cells between commas."""
    return (",".join(cells) + "\n").encode()


def channel_names(names: Sequence[str]) -> list[str]:
    """Return names that a header can have: no separators, no numbers, no two alike."""
    found: dict[str, None] = {}
    for number, name in enumerate(names):
        plain = re.sub(r"[\s,;|:=\"'#]+", "_", name.strip()).strip("_") or f"channel_{number}"
        plain = f"channel_{plain}" if re.match(r"[\d.+-]", plain) else plain
        while plain in found:
            plain = f"{plain}_{number}"
        found[plain] = None
    return list(found)
