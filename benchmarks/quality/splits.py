"""What a task gives: recordings of known classes, and which of them train and test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sklearn.model_selection import train_test_split

from zerotap.capture import Recording, Split

SEED = 0


@dataclass(frozen=True)
class Given:
    """``splits`` of recordings with the index of their class; several are folds, whose tests are pooled."""

    classes: tuple[str, ...]
    splits: tuple[Split, ...]


def numbered(
    recordings: Sequence[Recording], labels: Sequence[str]
) -> tuple[tuple[str, ...], list[tuple[Recording, int]]]:
    """The classes in order, and each recording with the index of its class."""
    classes = tuple(sorted(set(labels)))
    return classes, [(one, classes.index(label)) for one, label in zip(recordings, labels, strict=True)]


def fixed_split(labels: Sequence[str]) -> tuple[list[int], list[int]]:
    """The places of the training and the test side, in their order: 80/20, stratified, seed 0."""
    train, test = train_test_split(range(len(labels)), test_size=0.2, random_state=SEED, stratify=labels)
    return sorted(train), sorted(test)


def split_at(
    labelled: Sequence[tuple[Recording, int]], train: Sequence[int], test: Sequence[int], note: str
) -> Split:
    """A split of the recordings at these places."""
    return Split([labelled[at] for at in train], [labelled[at] for at in test], note)
