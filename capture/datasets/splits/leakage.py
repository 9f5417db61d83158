"""Equal content on both sides: a model that saw it in training has no merit in telling it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from zerotap.capture.packet import Recording

from .content_hash import content_hash
from .split import Labelled, Split

MOST_NAMED: Final = 3
_log = logging.getLogger(__name__)


def equal_pairs(split: Split) -> list[tuple[str, str]]:
    """Return the names of recordings that test, each with one that trains and has the same content."""
    training = _by_content(split.train)
    pairs = [(recording, training.get(content_hash(recording))) for recording, _ in split.test]
    return [(recording.name, equal.name) for recording, equal in pairs if equal is not None]


def _by_content(labelled: Sequence[Labelled]) -> dict[str, Recording]:
    return {content_hash(recording): recording for recording, _ in reversed(labelled)}


def guarded(split: Split, place: object) -> Split:
    """Warn of equal content on both sides, naming some, and say it in the note; ``place`` is the dataset."""
    pairs = equal_pairs(split)
    if not pairs:
        return split
    named = ", ".join(f"{test} equals {train}" for test, train in pairs[:MOST_NAMED])
    more = f" and {len(pairs) - MOST_NAMED} more" if len(pairs) > MOST_NAMED else ""
    _log.warning(
        "%s: %d of the recordings that test equal one that trains (%s%s): a model may know them by heart; "
        "give them one side, or divide by hash",
        *(place, len(pairs), named, more),
    )
    return replace(split, note=f"{split.note}; {len(pairs)} of the test equal one that trains")
