"""The facts in a model.toml, and whether they go together: it is a text file, which may have been edited."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zerotap.errors import ModelError
from zerotap.features import find_integer_file, read_integer_model

from .families.registry import is_family, names
from .heads import BinaryHead, ClassesHead, make_head

_MEANINGS: Final = ("logits", "shares", "margins")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is kept beside the weights.

    ``classes`` that a window can be of; ``epochs`` that were run, 0 of a model that was fitted at once;
    ``note`` says how the data was split.

    ``family`` made it, "" in a folder of an earlier version; ``preset`` and ``layers`` are its size. ``head``
    says what its outputs are: "classes", one a class in that order, or "binary" or "labels", one for each of
    ``labels``, which counts from its one of ``thresholds`` on; a binary one's label is its positive class.
    ``scores`` says what they are: "logits", or an integer model's ``meaning``.
    """

    name: str
    classes: tuple[str, ...]
    synthetic: bool
    seed: int
    epochs: int
    parameters: int
    note: str
    family: str = ""
    head: str = "classes"
    labels: tuple[str, ...] = ()
    thresholds: tuple[float, ...] = ()
    scores: str = "logits"
    preset: str = ""
    layers: tuple[int, ...] = ()

    @property
    def data(self) -> str:
        """Return "synthetic" or "recorded"."""
        return "synthetic" if self.synthetic else "recorded"


def check_facts(facts: Facts) -> None:
    """Raise ValueError, or ModelError of a head, for a family, classes, labels or thresholds of no model."""
    if not facts.classes or len(set(facts.classes)) < len(facts.classes):
        raise ValueError(f"its classes ({', '.join(facts.classes)}) are no names that differ")
    if facts.family and not is_family(facts.family):
        raise ValueError(f"its family is {facts.family!r}, none of {', '.join(names())}")
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
    outputs = len(facts.labels or facts.classes)
    if (model.classes, model.meaning) != (outputs, facts.scores):
        raise ModelError(
            f"{file} gives {model.classes} {model.meaning}, its model.toml says {outputs} "
            f"{facts.scores}: they are of two models, so train the model again"
        )
