"""Whether what a model.toml says goes together: it is a text file, which may have been edited."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerotap.errors import ModelError
from zerotap.features import find_integer_file, read_integer_model

from .heads import BinaryHead, ClassesHead, make_head

if TYPE_CHECKING:
    from .trained import Facts

_MEANINGS: Final = ("logits", "shares", "margins")


def check_facts(facts: Facts) -> None:
    """Raise ValueError, or ModelError of a head, for classes, labels and thresholds that make no model."""
    if not facts.classes or len(set(facts.classes)) < len(facts.classes):
        raise ValueError(f"its classes ({', '.join(facts.classes)}) are no names that differ")
    if facts.scores not in _MEANINGS:
        raise ValueError(f"its scores are {facts.scores!r}, none of {', '.join(_MEANINGS)}")
    is_binary = facts.head == BinaryHead.kind
    head = make_head(facts.head, facts.classes, facts.labels[0] if is_binary and facts.labels else None)
    wanted = () if head.kind == ClassesHead.kind else head.labels
    if facts.labels != wanted:
        raise ValueError(f"the labels of its head {head.kind} are {list(wanted)}, not {list(facts.labels)}")
    if len(facts.thresholds) != len(wanted) or not all(map(math.isfinite, facts.thresholds)):
        raise ValueError(
            f"its head {head.kind} has {len(wanted)} thresholds, all finite, not {list(facts.thresholds)}"
        )


def check_integer_model(folder: Path, facts: Facts) -> None:
    """Raise ModelError where an integer model in ``folder`` scores other classes, or is damaged."""
    file = find_integer_file(folder)
    if file is None:
        return
    model = read_integer_model(file)
    if (model.classes, model.meaning) != (len(facts.classes), facts.scores):
        raise ModelError(
            f"{file} gives {model.classes} {model.meaning}, its model.toml says {len(facts.classes)} "
            f"{facts.scores}: they are of two models, so train the model again"
        )
