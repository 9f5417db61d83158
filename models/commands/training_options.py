"""How `zerotap train` trains, as one value: length, weights, augmentation, seeds and folds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

import click

Command = Callable[..., None]

SEEDS_MAX: Final = 99
FOLDS_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class TrainingChoices:
    """What the options say; ``class_weights`` are words as they were given."""

    epochs: int | None
    steps: int | None
    class_weights: tuple[str, ...]
    augment: str
    seeds: int
    folds: int


_OPTIONS: Final[tuple[Callable[[Command], Command], ...]] = (
    click.option(
        "--epochs", type=click.IntRange(1), help="Train at most so long.  [default: the model's own]"
    ),
    click.option("--steps", type=click.IntRange(1), help="As --epochs, in steps of a batch of windows."),
    click.option(
        "--class-weight",
        "class_weights",
        multiple=True,
        metavar="balanced|none|CLASS=W",
        help="What a window of a class weighs; CLASS=W for each that does not weigh 1.  [default: balanced, "
        "each class counts the same]",
    ),
    click.option(
        "--augment",
        default="",
        metavar="jitter=.3,scale=.1,warp=.1",
        help="Move windows a little, anew in each step: noise in standard deviations of a channel, size, "
        "and speed of time.  [default: off]",
    ),
    click.option(
        "--seeds",
        type=click.IntRange(1, SEEDS_MAX),
        default=1,
        show_default=True,
        help="Train by so many seeds, from --seed on, and keep the median by the recordings held out.",
    ),
    click.option(
        "--folds",
        type=click.IntRange(2, FOLDS_MAX),
        help="Cross-validate first, in so many parts of the training recordings.",
    ),
)


def training_options(command: Command) -> Command:
    """Give a command the options of a training, which it takes as ``choices``, TrainingChoices."""

    @wraps(command)
    def with_choices(
        epochs: int | None,
        steps: int | None,
        class_weights: tuple[str, ...],
        augment: str,
        seeds: int,
        folds: int | None,
        **values: Any,  # noqa: ANN401
    ) -> None:
        choices = TrainingChoices(epochs, steps, class_weights, augment, seeds, folds or 0)
        command(choices=choices, **values)

    decorated: Command = with_choices
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated
