"""What a dataset of samples says of them: channels and rate, as they were measured."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Numbers:
    """The samples of a dataset: names of the ``channels``, ``rate_hz`` where it could be measured.

    ``framing`` is "text" (lines of numbers, float64) or "binary" (int16).
    """

    framing: str
    channels: tuple[str, ...]
    rate_hz: float | None


def numbers_of(sensors: Mapping[str, Mapping[str, Any]], recordings: Collection[str]) -> Numbers | None:
    """Return what the manifest's ``sensors`` say of those ``recordings`` that are still there."""
    known = [one for name, one in sorted(sensors.items()) if name in recordings and _is_whole(one)]
    if not known:
        return None
    rates_hz = [float(one["rate_hz"]) for one in known if isinstance(one.get("rate_hz"), float | int)]
    first = known[0]
    return Numbers(
        framing=str(first.get("framing", "")),
        channels=tuple(map(str, first["channels"])),
        rate_hz=median(rates_hz) if rates_hz else None,
    )


def _is_whole(one: object) -> bool:
    return isinstance(one, Mapping) and isinstance(one.get("channels"), list) and bool(one["channels"])
