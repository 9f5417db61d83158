"""Measure what a linear table's weights say of the words that were typed, and what hiding them costs.

Run it in the environment of `pip install -e .`; it types the demo's corpus by itself and needs no TensorFlow:

    python benchmarks/privacy/measure_tables.py             # the demo's 2,400 messages, three seeds
    python benchmarks/privacy/measure_tables.py --messages 600

It writes tables.json beside it, prints the table of README.md, and ends with 1 where an attack on table.npz
reaches 0.6 or macro-F1 moves by more than 0.0003.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import numpy as np
from attacks import attack
from measuring import ROWS, SEEDS, Column, attack_lines, is_missed, mean_f1_line, run

from zerotap.capture import Dataset
from zerotap.features import LinearTable
from zerotap.models import Trained, evaluate, train
from zerotap.models.families.text import table

PRESETS = ("small", "default")
KIND = "int"


@contextmanager
def watched(*, hides: bool) -> Iterator[list[np.ndarray]]:
    """Train with or without decoys, and keep which buckets texts have ids of: bool (buckets,), the truth."""
    kept, hidden = [], table._hidden

    def hide(columns, counts, secret):
        kept.append(counts.texts_with > 0)
        return hidden(columns, counts, secret) if hides else columns

    with mock.patch.object(table, "_hidden", hide):
        yield kept


def fitted(dataset: Dataset, preset: str, seed: int, *, hides: bool) -> tuple[Trained, np.ndarray]:
    with watched(hides=hides) as kept:
        trained = train(dataset, "linear", preset=None if preset == "default" else preset, seed=seed)
    assert isinstance(trained.network, LinearTable)
    return trained, kept[-1]


def measure_table(dataset: Dataset, preset: str, seed: int) -> dict:
    made: dict = {"preset": preset, "seed": seed}
    for name, hides in zip(ROWS, (False, True), strict=True):
        trained, typed = fitted(dataset, preset, seed, hides=hides)
        rows, bits = trained.network.rows(), trained.network.weight_bits
        made |= {"rows": len(rows), "typed_rows": int(typed.sum()), "weight_bits": bits}
        aucs = attack(rows, typed, np.zeros(rows.shape))  # nothing begins as anything
        made[name] = {KIND: aucs, f"macro_f1_{KIND}": evaluate(trained).macro_f1}
    return made


def measure(dataset: Dataset) -> list[dict]:
    return [measure_table(dataset, preset, seed) for preset in PRESETS for seed in SEEDS]


def table_lines(results: list[dict]) -> Iterator[str]:
    by_preset = {preset: [each for each in results if each["preset"] == preset] for preset in PRESETS}
    yield from attack_lines(
        [
            Column(f"{preset}, {rows.replace('_', ' ')}", each, rows, KIND)
            for preset, each in by_preset.items()
            for rows in ROWS
        ]
    )
    yield mean_f1_line(results, KIND, "")


def misses(results: list[dict]) -> bool:
    return is_missed(results, [KIND])


def main() -> int:
    results = run(__doc__.splitlines()[0], "tables.json", "tables", measure)
    print("\n".join(table_lines(results)))
    return int(misses(results))


if __name__ == "__main__":
    sys.exit(main())
