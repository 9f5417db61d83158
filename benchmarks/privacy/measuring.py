"""What both measurements have in common: the corpus, the seeds, the limits, the table, and how a run ends.

A result is of one trained model: under "left_alone" and "decoys" the AUCs of each kind of its rows, by
attack, and "macro_f1_KIND".
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from attacks import worst

from zerotap.capture import Dataset, generate_corpus, type_corpus

SEEDS = (0, 1, 2)
ROWS = ("left_alone", "decoys")
MESSAGES = 2_400
AUC_LIMIT = 0.6
F1_LIMIT = 0.0003


@dataclass(frozen=True)
class Column:
    """Of the table: the worst of ``results``, of rows left alone or with decoys, of one kind."""

    head: str
    results: Sequence[dict]
    rows: str
    kind: str

    def cell(self, attack: str) -> float:
        return max(each[self.rows][self.kind][attack] for each in self.results)


def attack_lines(columns: Sequence[Column]) -> Iterator[str]:
    yield f"| AUC, worst of the seeds | {' | '.join(column.head for column in columns)} |"
    yield f"| --- |{' ---: |' * len(columns)}"
    first = columns[0]
    for attack in first.results[0][first.rows][first.kind]:
        yield f"| {attack} | {' | '.join(f'{column.cell(attack):.3f}' for column in columns)} |"


def mean_f1_line(results: Sequence[dict], kind: str, named: str) -> str:
    before, after = (np.mean([each[rows][f"macro_f1_{kind}"] for each in results]) for rows in ROWS)
    return f"\nmacro-F1{named}, the mean: {before:.4f} left alone, {after:.4f} with decoys"


def is_missed(results: Sequence[dict], kinds: Sequence[str]) -> bool:
    """Whether an attack reaches AUC_LIMIT with decoys, or these move macro-F1 by more than F1_LIMIT."""
    moved = max(
        abs(each["decoys"][f"macro_f1_{kind}"] - each["left_alone"][f"macro_f1_{kind}"])
        for each in results
        for kind in kinds
    )
    return moved > F1_LIMIT or any(
        worst(each["decoys"][kind]) >= AUC_LIMIT for each in results for kind in kinds
    )


def run(about: str, file: str, key: str, measure: Callable[[Dataset], list[dict]]) -> list[dict]:
    """Type the corpus, measure, and write what was found into ``file``, under ``key``."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--messages", type=int, default=MESSAGES, help="default: the demo's %(default)s")
    messages = parser.parse_args().messages
    with tempfile.TemporaryDirectory() as scratch:
        dataset = type_corpus(generate_corpus(messages, 0), Path(scratch) / "typed", seed=0, synthetic=True)
        results = measure(dataset)
    written = json.dumps({"messages": messages, key: results}, indent=2) + "\n"
    (Path(__file__).parent / file).write_text(written, encoding="utf-8")
    return results
