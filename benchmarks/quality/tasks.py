"""The seven tasks: what is told apart, on which recordings, and what is asked of a model for the board."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import motion
import typed_texts
import typing_people
from splits import Given


@dataclass(frozen=True)
class Task:
    """A task; ``read`` makes its recordings of ``files``, all below the data's folder.

    ``desktop`` names the desktop's models, see ``desktop.py``. ``required`` and ``moonshot`` are macro-F1,
    of windows where ``by_window``. ``worst`` is asked of every seed. Flash and RAM, ``with_stack`` or
    without, are the most that it may take; None: as it comes.
    """

    name: str
    files: tuple[str, ...]
    read: Callable[[Path], Given]
    desktop: tuple[str, ...]
    required: float
    moonshot: float
    flash_bytes: int
    ram_bytes: int | None = None
    worst: float = 0.0
    by_window: bool = False
    with_stack: bool = True


KB = 1024
SPAM, TWEETS, COMMENTS = "text/sms_spam.csv", "text/davidson.csv.gz", "text/edos.csv.gz"
EVENTS = "keystrokes/freihaut_events.csv.gz"
EXERCISE = "sensor/har_exercise.parquet"
MOTIONS = tuple(f"sensor/basicmotions/BasicMotions_{side}.ts" for side in ("TRAIN", "TEST"))
TASKS = {
    task.name: task
    for task in (
        Task("spam-text", (SPAM,), typed_texts.spam, ("text svm",), 0.977, 0.985, 40 * KB),
        Task(
            "spam-raw",
            (SPAM,),
            typed_texts.spam,
            ("text svm",),
            0.955,
            0.975,
            24 * KB,
            4 * KB,
            0.945,
            with_stack=False,
        ),
        Task("offensive", (TWEETS,), typed_texts.tweets, ("text svm",), 0.920, 0.926, 72 * KB),
        Task("sexist", (COMMENTS,), typed_texts.comments, ("text svm",), 0.755, 0.78, 72 * KB),
        Task("typists", (EVENTS,), typing_people.typists, ("forest", "trees", "svm"), 0.91, 0.935, 64 * KB),
        Task(
            "exercise",
            (EXERCISE,),
            motion.exercise,
            ("forest", "trees", "svm"),
            0.945,
            0.97,
            16 * KB,
            4 * KB,
            by_window=True,
        ),
        Task("motions", MOTIONS, motion.motions, ("forest", "trees", "svm"), 0.975, 1.0, 12 * KB),
    )
}
