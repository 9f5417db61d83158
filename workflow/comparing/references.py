"""The desktop's models on the same split: what a model for the board is measured by."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerotap.capture import US
from zerotap.errors import ModelError
from zerotap.models import (
    MAJORITY,
    Answers,
    Judgement,
    Place,
    Reference,
    judge,
    judged_on,
    majority_of,
    plain,
    read_document,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zerotap.reporting import Progress

    from .task import Sides

REFERENCES_FILE: Final = "references.json"
_MOST_BYTES: Final = 64 << 20
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Referred:
    """A reference, and what it says of each test recording."""

    reference: Reference
    judgement: Judgement


def refer(sides: Sides, seed: int, on_progress: Progress) -> list[Referred]:
    """Majority, and what `zerotap baseline` has for such a dataset."""
    judged: dict[str, Answers] = {MAJORITY: majority_of(sides.split, sides.classes)}
    if sides.kind != "other":
        judged = judged_on(sides.split, sides.dataset, None, US, seed, on_progress)[0]
    return [
        Referred(Reference(name, one.scores), judge(one.outputs, one.test, one.reading))
        for name, one in judged.items()
    ]


def references_text(key: str, found: Sequence[Referred]) -> str:
    """references.json: what is found again by the same ``key``."""
    each = [{"reference": plain(one.reference), "judgement": one.judgement.to_json()} for one in found]
    return json.dumps({"version": _VERSION, "key": key, "references": each}) + "\n"


def read_references(folder: Path, key: str, classes: int, tested: int) -> list[Referred] | None:
    """What references.json of a folder holds, None where it is not of the same ``key``."""
    try:
        place = read_document(folder / REFERENCES_FILE, _MOST_BYTES)
        if place["version"].whole() != _VERSION or place["key"].text() != key:
            return None
        return [_referred(one, classes, tested) for one in place["references"].each()]
    except ModelError:
        return None


def _referred(place: Place, classes: int, tested: int) -> Referred:
    reference = Reference.from_json(place["reference"], classes, tested)
    return Referred(reference, Judgement.from_json(place["judgement"]))
