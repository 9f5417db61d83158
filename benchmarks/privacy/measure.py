"""Measure what a text model's table says of the words that were typed, and what hiding them costs.

Run it in the environment of `pip install -e .`; it types the demo's corpus by itself:

    python benchmarks/privacy/measure.py                    # the demo's 2,400 messages, three seeds
    python benchmarks/privacy/measure.py --messages 600

It writes results.json beside it, prints the table of README.md, and ends with 1 where an attack on the table
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
from zerotap.firmware import Oracle, quantise, quantise_input, read_tflite
from zerotap.models import Trained, dequantise, evaluate, model_input, model_spec, score, train
from zerotap.models.families import decoys
from zerotap.models.training.validation import validation_mask

SEEDS = (0, 1, 2)
MODEL = "text"
AUC_LIMIT = 0.6
F1_LIMIT = 0.0003


@contextmanager
def rows_left_alone() -> Iterator[list]:
    """Train without decoys, and keep what is needed to make them afterwards."""
    kept: list = []
    with mock.patch.object(decoys, "hide_unseen_words", lambda *given: kept.append(given[1:])):
        yield kept


def typed_rows(trained: Trained, seed: int) -> np.ndarray:
    """Which rows belong to words that the model was fitted on: bool, by id."""
    typed = np.zeros(trained.pipeline.buckets, bool)
    typed[np.unique(trained.train.x[~validation_mask(trained.train, seed)])] = True
    return typed


def seeded_tables(trained: Trained, seed: int) -> list[np.ndarray]:
    """The tables that the seed gives, as whoever knows it can make them again."""
    import keras

    keras.utils.set_random_seed(seed)
    fresh = model_spec(MODEL).build(trained.pipeline, len(trained.classes))
    return [np.asarray(table) for table in decoys.tables_of(fresh)]


def measure_table(trained: Trained, typed: np.ndarray, seeded: np.ndarray) -> dict:
    """AUCs of the float and of the exported table, and macro-F1 of both models."""
    content = quantise(trained.model, model_input(trained.train.x))
    graph = read_tflite(content)
    gather = next(operator for operator in graph.operators if operator.name == "GATHER")
    exported = graph.tensors[gather.inputs[0]]
    step, zero = float(exported.scale[0]), int(exported.zero_point[0])
    table = np.asarray(decoys.tables_of(trained.model)[0])
    as_int8 = exported.data.reshape(exported.shape)
    return {
        "float": attack(table[1:], typed[1:], seeded[1:]),
        "int8": attack(as_int8[1:], typed[1:], seeded[1:] / step + zero),
        "macro_f1_float": evaluate(trained).macro_f1,
        "macro_f1_int8": int8_f1(trained, content),
    }


def int8_f1(trained: Trained, content: bytes) -> float:
    graph = read_tflite(content)
    source, target = graph.tensors[graph.input], graph.tensors[graph.output]
    outputs = Oracle(content).invoke(quantise_input(model_input(trained.test.x), source))
    logits = dequantise(outputs, float(target.scale[0]), int(target.zero_point[0]))
    return score(logits, trained.test, len(trained.classes)).macro_f1


def measure_seed(dataset: Dataset, seed: int) -> dict:
    with rows_left_alone() as kept:
        trained = train(dataset, MODEL, seed=seed)
    typed, (seeded,) = typed_rows(trained, seed), seeded_tables(trained, seed)
    before = measure_table(trained, typed, seeded)
    decoys.hide_unseen_words(trained.model, *kept[0])
    return {
        "seed": seed,
        "typed_rows": int(typed[1:].sum()),
        "rows": len(typed) - 1,
        "left_alone": before,
        "decoys": measure_table(trained, typed, seeded),
    }


def table_lines(results: list[dict]) -> Iterator[str]:
    yield "| AUC, worst of the seeds | left alone, float | left alone, int8 | decoys, float | decoys, int8 |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for name in results[0]["decoys"]["float"]:
        cells = [
            max(result[rows][kind][name] for result in results)
            for rows in ("left_alone", "decoys")
            for kind in ("float", "int8")
        ]
        yield f"| {name} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |"
    for kind in ("float", "int8"):
        before, after = (
            np.mean([result[rows][f"macro_f1_{kind}"] for result in results])
            for rows in ("left_alone", "decoys")
        )
        yield f"\nmacro-F1, {kind}, the mean: {before:.4f} left alone, {after:.4f} with decoys"


def misses(results: list[dict]) -> bool:
    moved = max(
        abs(r["decoys"][f"macro_f1_{kind}"] - r["left_alone"][f"macro_f1_{kind}"])
        for r in results
        for kind in ("float", "int8")
    )
    return moved > F1_LIMIT or any(
        worst(r["decoys"][k]) >= AUC_LIMIT for r in results for k in ("float", "int8")
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=2_400)
    messages = parser.parse_args().messages
    with tempfile.TemporaryDirectory() as scratch:
        dataset = type_corpus(generate_corpus(messages, 0), Path(scratch) / "typed", seed=0, synthetic=True)
        results = [measure_seed(dataset, seed) for seed in SEEDS]
    written = json.dumps({"messages": messages, "seeds": results}, indent=2) + "\n"
    (Path(__file__).parent / "results.json").write_text(written, encoding="utf-8")
    print("\n".join(table_lines(results)))
    return int(misses(results))


if __name__ == "__main__":
    sys.exit(main())
