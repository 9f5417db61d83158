"""Classes of several labels: "toxic+insult" is both, and "none" is none of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from zerotap.errors import CaptureError

JOINT: Final = "+"
NO_LABEL: Final = "none"


def class_of_labels(labels: Iterable[str]) -> str:
    """Return the class of what has all these labels, in the order given; "none" of what has none.

    Raises CaptureError for a label that no such name can hold.
    """
    return JOINT.join(map(checked_part, labels)) or NO_LABEL


def labels_of_class(name: str) -> tuple[str, ...]:
    """Return the labels that a class's name stands for: both of "toxic+insult", none of "none".

    A name with nothing on a side of a "+", such as C++, is one label.
    """
    if name == NO_LABEL:
        return ()
    parts = tuple(name.split(JOINT))
    return parts if all(part.strip() for part in parts) else (name,)


def have_several_labels(classes: Sequence[str]) -> bool:
    """Whether one of the classes is of several labels, so that all are combinations of labels."""
    return any(len(labels_of_class(name)) > 1 for name in classes)


def checked_part(label: str) -> str:
    """Return ``label``; raise CaptureError where it cannot be part of a class's name."""
    if not label.strip() or JOINT in label or label == NO_LABEL:
        raise CaptureError(
            f"the label {label!r} cannot be one of several: give it a name without {JOINT}, "
            f"and other than {NO_LABEL}"
        )
    return label
