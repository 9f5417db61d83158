"""Measure what a linear table's weights say of the words that were typed, and what hiding them costs.

Run it in the environment of `pip install -e .`; it types the demo's corpus by itself and needs no TensorFlow:

    python benchmarks/privacy/measure_tables.py             # the demo's 2,400 messages, three seeds
    python benchmarks/privacy/measure_tables.py --messages 600

It writes tables.json beside it, prints the table of README.md, and ends with 1 where an attack on table.npz
reaches 0.6 or macro-F1 moves by more than 0.0003.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import numpy as np
from attacks import attack, worst

from zerotap.capture import Dataset, generate_corpus, type_corpus
from zerotap.features import LinearTable
from zerotap.models import Trained, evaluate, train
from zerotap.models.families.text import table

SEEDS = (0, 1, 2)
PRESETS = ("small", "default")
AUC_LIMIT = 0.6
F1_LIMIT = 0.0003


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


def measure(dataset: Dataset, preset: str, seed: int) -> dict:
    made: dict = {"preset": preset, "seed": seed}
    for name, hides in (("left_alone", False), ("decoys", True)):
        trained, typed = fitted(dataset, preset, seed, hides=hides)
        rows, bits = trained.network.rows(), trained.network.weight_bits
        made |= {"rows": len(rows), "typed_rows": int(typed.sum()), "weight_bits": bits}
        aucs = attack(rows, typed, np.zeros(rows.shape))  # nothing begins as anything
        made[name] = {"int": aucs, "macro_f1": evaluate(trained).macro_f1}
    return made


def table_lines(results: list[dict]) -> Iterator[str]:
    heads = [f"{preset}, {rows}" for preset in PRESETS for rows in ("left alone", "decoys")]
    yield f"| AUC, worst of the seeds | {' | '.join(heads)} |"
    yield f"| --- |{' ---: |' * len(heads)}"
    for name in results[0]["decoys"]["int"]:
        cells = [
            max(each[rows]["int"][name] for each in results if each["preset"] == preset)
            for preset in PRESETS
            for rows in ("left_alone", "decoys")
        ]
        yield f"| {name} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |"
    before, after = (
        np.mean([each[rows]["macro_f1"] for each in results]) for rows in ("left_alone", "decoys")
    )
    yield f"\nmacro-F1, the mean: {before:.4f} left alone, {after:.4f} with decoys"


def misses(results: list[dict]) -> bool:
    moved = max(abs(each["decoys"]["macro_f1"] - each["left_alone"]["macro_f1"]) for each in results)
    return moved > F1_LIMIT or any(worst(each["decoys"]["int"]) >= AUC_LIMIT for each in results)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=2_400)
    messages = parser.parse_args().messages
    with tempfile.TemporaryDirectory() as scratch:
        dataset = type_corpus(generate_corpus(messages, 0), Path(scratch) / "typed", seed=0, synthetic=True)
        results = [measure(dataset, preset, seed) for preset in PRESETS for seed in SEEDS]
    written = json.dumps({"messages": messages, "tables": results}, indent=2) + "\n"
    (Path(__file__).parent / "tables.json").write_text(written, encoding="utf-8")
    print("\n".join(table_lines(results)))
    return int(misses(results))


if __name__ == "__main__":
    sys.exit(main())
