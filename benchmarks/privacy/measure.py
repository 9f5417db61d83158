"""Measure what a text model's table says of the words that were typed, and what hiding them costs.

Run it in the environment of `pip install -e .`; it types the demo's corpus by itself:

    python benchmarks/privacy/measure.py                    # the demo's 2,400 messages, three seeds
    python benchmarks/privacy/measure.py --messages 600

It writes results.json beside it, prints the table of README.md, and ends with 1 where an attack on the table
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
from zerotap.firmware import Oracle, quantise, quantise_input, read_tflite
from zerotap.models import Trained, dequantise, evaluate, model_input, model_spec, score, train
from zerotap.models.families import decoys
from zerotap.models.training.validation import validation_mask

MODEL = "text"
KINDS = ("float", "int8")


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


def measure(dataset: Dataset) -> list[dict]:
    return [measure_seed(dataset, seed) for seed in SEEDS]


def table_lines(results: list[dict]) -> Iterator[str]:
    yield from attack_lines(
        [Column(f"{rows.replace('_', ' ')}, {kind}", results, rows, kind) for rows in ROWS for kind in KINDS]
    )
    for kind in KINDS:
        yield mean_f1_line(results, kind, f", {kind}")


def misses(results: list[dict]) -> bool:
    return is_missed(results, KINDS)


def main() -> int:
    results = run(__doc__.splitlines()[0], "results.json", "seeds", measure)
    print("\n".join(table_lines(results)))
    return int(misses(results))


if __name__ == "__main__":
    sys.exit(main())
