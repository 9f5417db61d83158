"""Edge Impulse's data acquisition format, JSON, unsigned.

Source: Edge Impulse's documentation, "Data acquisition format": protected (ver, alg, iat), signature, and
payload (device_name, device_type, interval_ms, sensors of name and units, values a row a sample).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from zerotap.capture.packet import DeviceIdentity

NO_SIGNATURE = "0" * 64
NO_UNIT = "N/A"


@dataclass(frozen=True, slots=True, eq=False)
class Acquisition:
    """Samples ``values`` (n, channels) every ``interval_ms`` (more than 0) since ``start_s`` after 1970."""

    device: DeviceIdentity
    start_s: int
    interval_ms: float
    names: Sequence[str]
    values: NDArray[np.integer | np.floating]


def write_acquisition(path: Path, acquisition: Acquisition) -> None:
    """Write a new file of the acquisition."""
    device = acquisition.device
    content = {
        "protected": {"ver": "v1", "alg": "none", "iat": acquisition.start_s},
        "signature": NO_SIGNATURE,
        "payload": {
            "device_name": device.serial or f"{device.vendor_id:04x}:{device.product_id:04x}",
            "device_type": device.product or "USB",
            "interval_ms": acquisition.interval_ms,
            "sensors": [{"name": name, "units": NO_UNIT} for name in acquisition.names],
            "values": acquisition.values.tolist(),
        },
    }
    with path.open("x", encoding="utf-8") as file:
        json.dump(content, file)
