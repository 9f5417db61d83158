"""Loading what can be read: one damaged file never takes its dataset along."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from zerotap.errors import CaptureError

_Given = TypeVar("_Given")
_Read = TypeVar("_Read")
_log = logging.getLogger(__name__)


def read_each(
    read: Callable[[_Given], _Read], given: Iterable[_Given]
) -> tuple[list[tuple[_Given, _Read]], list[CaptureError]]:
    """Read each of ``given``: those that can be read with what was read, and why the others cannot."""
    found, faults = [], []
    for one in given:
        try:
            found.append((one, read(one)))
        except CaptureError as fault:
            faults.append(fault)
    return found, faults


def warn_of(faults: Sequence[CaptureError]) -> None:
    """Log a warning for each file that is left out."""
    for fault in faults:
        _log.warning("left out: %s", fault)
