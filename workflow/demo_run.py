"""The demo: a synthetic corpus is typed, and models are compared on what came over USB."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from zerotap.capture import generate_corpus, type_messages
from zerotap.earlier_demos import DEMO
from zerotap.firmware import (
    DEFAULTS,
    BuildOptions,
    find_compiler,
)
from zerotap.replacing import check_replaceable, replaceable_folder
from zerotap.reporting import Progress, no_progress
from zerotap.writing import scratch_folder

from .comparing.compare_models import compare_into
from .comparing.entrants import entrants_of
from .comparing.task import Asked

if TYPE_CHECKING:
    from zerotap.models import Comparison


def run_demo(
    out: str | Path,
    *,
    messages: int,
    seed: int = 0,
    options: BuildOptions = DEFAULTS,
    force: bool = False,
    on_progress: Progress = no_progress,
) -> Comparison:
    """Type ``messages`` synthetic messages and compare dense, conv and text models on them.

    ``out`` gets messages.csv, dataset/, a comparison's files and a folder a model, whole or not at all.
    ``force`` replaces the files of an earlier demo and no others. ``on_progress(stage, done, total)``. Raises
    what the stages raise, ModelError where ``out`` is in use, and OutputError where it cannot be written;
    what is finished is then kept in a temporary folder.
    """
    check_replaceable(out, DEMO, force)
    find_compiler(options.compiler)
    with replaceable_folder(out, DEMO, force=force, keep=True) as part:
        write_corpus(part / "messages.csv", messages, seed)
        messages_csv, recordings = part / "messages.csv", part / "dataset"
        dataset = type_messages(messages_csv, recordings, seed=seed, on_progress=on_progress)
        command = f"zerotap demo --messages {messages} --seed {seed}"
        asked = Asked((), seed, 1, shares=(), weight_bits=(), options=options, command=command)
        with scratch_folder() as scratch:
            return compare_into(part, dataset, asked, entrants_of(()), scratch, scratch, on_progress)


def write_corpus(path: str | Path, messages: int, seed: int) -> None:
    """Write the synthetic corpus as a CSV that `zerotap type` reads: columns label, text."""
    with Path(path).open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("label", "text"), *generate_corpus(messages, seed)])
