"""What data that others divided call its sides: train, test, and often a third for choosing among models."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final

from zerotap.errors import CaptureError

from .split import TEST, TRAIN

SIDES: Final = {"": "", "train": TRAIN, "training": TRAIN, "test": TEST, "testing": TEST}
VALIDATION: Final = ("dev", "val", "valid", "validation")
SIDE_NAMES: Final = (*filter(None, SIDES), *VALIDATION)
_log = logging.getLogger(__name__)


def sides_of(said: Iterable[str]) -> dict[str, str]:
    """Return the side, "train", "test" or "", of each different text, in capitals or not.

    A third side tests where nothing else does, and trains otherwise, which a warning says. Raises
    CaptureError for a text that names no side.
    """
    texts = dict.fromkeys(said)
    plain = {text: text.strip().lower() for text in texts}
    for text, name in plain.items():
        if name not in SIDES and name not in VALIDATION:
            raise CaptureError(f"{text!r} names no side: write one of {', '.join(SIDE_NAMES)}")
    third = TRAIN if any(SIDES.get(name) == TEST for name in plain.values()) else TEST
    named = sorted(set(plain.values()) & set(VALIDATION))
    if named:
        _log.warning("%s: recordings of this side are to %s", ", ".join(named), third)
    return {text: SIDES.get(name, third) for text, name in plain.items()}


def is_side_name(name: str) -> bool:
    """Whether a folder of that name holds a side."""
    return name.strip().lower() in SIDE_NAMES
