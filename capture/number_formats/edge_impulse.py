"""Edge Impulse's data acquisition format, JSON, unsigned.

Source: Edge Impulse's documentation, "Data acquisition format": protected (ver, alg, iat), signature, and
payload (device_name, device_type, interval_ms, sensors of name and units, values a row a sample). Ours name a
device VID:PID or VID:PID:serial, which is one of its kind as the format asks, and is read again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zerotap.capture.packet import DeviceIdentity, is_virtual
from zerotap.errors import CaptureError

from .json_lists import elements, end_of, json_text, json_value
from .json_rows import number_cell
from .table import Row, Table
from .times import is_number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NO_SIGNATURE = "0" * 64
NO_UNIT = "N/A"
_LATEST_S = 2**33
_KNOWN = re.compile(r"([0-9a-f]{4}):([0-9a-f]{4})(?::(.+))?")
_VALUES = re.compile(r'"values"\s*:\s*(\[)')


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
            **_named(device),
            "device_type": _type(device),
            "interval_ms": acquisition.interval_ms,
            "sensors": [{"name": name, "units": NO_UNIT} for name in acquisition.names],
            "values": acquisition.values.tolist(),
        },
    }
    with path.open("x", encoding="utf-8") as file:
        json.dump(content, file)


class EdgeImpulse:
    """An acquisition; signatures are not judged. One that is not JSON (CBOR) is refused."""

    name = "Edge Impulse JSON"
    suffixes = ()

    def recognises(self, head: bytes) -> bool:
        """Whether it is an object that has a payload."""
        return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and b'"payload"' in head

    def read(self, content: bytes, path: Path) -> list[Table]:
        """Read the samples, an interval apart; an interval of 0 is unknown."""
        text = json_text(content, path)
        found = _VALUES.search(text)
        rest = text[: found.start(1)] + "[]" + text[end_of(text, found.end(), path) :] if found else text
        whole = json_value(rest, f"{path}")
        payload = whole.get("payload") if isinstance(whole, dict) else None
        if not isinstance(whole, dict) or not isinstance(payload, dict):
            raise CaptureError(f"{path}: is JSON without a payload, so no acquisition: export it again")
        names = _names(payload, path)
        if not found or payload.get("values") != []:
            raise CaptureError(f"{path}: its payload has no list of values: export it again")
        return [
            Table(
                names=names,
                rows=_rows(text, found.end(), path),
                interval_ns=_interval_ns(payload, path),
                place="sample",
                start_ns=_start_s(whole.get("protected")) * 10**9,
                device=_device(payload, path),
            )
        ]


def _named(device: DeviceIdentity) -> dict[str, str]:
    """The device's name, which the format may do without: numbers of a file come from no device known."""
    known = f"{device.vendor_id:04x}:{device.product_id:04x}" if device.is_known else ""
    return {"device_name": name} if (name := ":".join(filter(None, (known, device.serial)))) else {}


def _type(device: DeviceIdentity) -> str:
    """What it calls itself; of a virtual device whose it is too, which tells that it is one."""
    return f"{device.manufacturer} {device.product}" if is_virtual(device) else device.product or "USB"


def _device(payload: dict[str, Any], path: Path) -> DeviceIdentity:
    product = _text(payload, "device_type") or path.name
    name = _text(payload, "device_name")
    if not (found := _KNOWN.fullmatch(name)):
        return DeviceIdentity(product=product, serial=name)
    known = DeviceIdentity(int(found[1], 16), int(found[2], 16), product=product, serial=found[3] or "")
    maker, space, own = product.partition(" ")
    virtual = replace(known, manufacturer=maker, product=own)
    return virtual if space and is_virtual(virtual) else known


def _names(payload: dict[str, Any], path: Path) -> list[str]:
    sensors = payload.get("sensors")
    if not isinstance(sensors, list) or not all(isinstance(one, dict) for one in sensors):
        raise CaptureError(f"{path}: its payload has no list of sensors: export it again")
    return [str(one.get("name", "")) for one in sensors]


def _interval_ns(payload: dict[str, Any], path: Path) -> Fraction | None:
    """The interval; a frequency is how some exports say it."""
    interval, frequency = (number_cell(payload.get(key)) for key in ("interval_ms", "frequency"))
    for cell in filter(None, (interval, frequency)):
        if not is_number(cell):
            raise CaptureError(f"{path}: the interval {cell} is no number: export it again")
    if interval and (ns := Fraction(interval) * 10**6) > 0:
        return ns
    return 10**9 / Fraction(frequency) if frequency and Fraction(frequency) > 0 else None


def _start_s(protected: object) -> int:
    cell = number_cell(protected.get("iat")) if isinstance(protected, dict) else ""
    seconds = int(Fraction(cell)) if is_number(cell) else 0
    return seconds if 0 <= seconds < _LATEST_S else 0


def _text(payload: dict[str, Any], key: str) -> str:
    value = payload.get(key)
    return re.sub(r"[^ -~]", "_", value)[:64] if isinstance(value, str) else ""


def _rows(text: str, start: int, path: Path) -> Iterator[Row]:
    """A row a sample; of one channel they may be numbers alone."""
    for number, (row, _) in enumerate(elements(text, start, path), 1):
        yield number, [number_cell(value) for value in (row if isinstance(row, list) else [row])]
