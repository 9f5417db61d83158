"""Train a dense and a conv model on 10,000 windows, beside a bare `model.fit` on the same arrays.

    python benchmarks/training/measure.py

Both run in this process after a first training that loads TensorFlow, in turn, RUNS times each; the shortest
of each counts. They are compared by the processor time of the whole process, so that other work on the
machine does not count. Writes results.json and the table of the README beside it; ends with 1 where a bar is
missed.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from zerotap.features import Windows
from zerotap.models import ModelSpec, model_input, model_spec
from zerotap.models.training.class_weights import weights_by_class
from zerotap.models.training.fitting import seeded_model
from zerotap.models.training.one_fit import Fitter
from zerotap.models.training.schedule import Schedule
from zerotap.models.training.settings import TrainingSettings
from zerotap.models.training.validation import validation_mask
from zerotap.reporting import no_progress

HERE = Path(__file__).parent
WINDOWS, CLASSES, RUNS = 10_000, ("calm", "tense"), 2
LIMIT_S, LIMIT_RATIO = 60.0, 1.05
BEGIN, END = "<!-- results -->", "<!-- end -->"


def drawn(shape: tuple[int, ...]) -> Windows:
    """Windows of two classes that differ by a little, ten a recording."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(WINDOWS // 10), 10)
    y = groups % 2
    x = rng.integers(0, 40, (WINDOWS, *shape)) + rng.integers(0, 3, (WINDOWS, *shape)) * y[:, None, None]
    return Windows(x.astype(np.uint8), y.astype(np.int64), groups.astype(np.int64))


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and of the processors."""
    clock, processors = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processors


def ours(spec: ModelSpec, windows: Windows, settings: TrainingSettings) -> None:
    """What `train` does once the windows are cut."""
    fitter = Fitter(spec, CLASSES, lambda *, is_needed: bytes(32), no_progress)
    fitter.fit(windows, settings)


def bare(spec: ModelSpec, windows: Windows, settings: TrainingSettings) -> None:
    """The same by `model.fit` on arrays, as a notebook has it."""
    import keras

    held_out = validation_mask(windows, settings.seed)
    x = model_input(windows.x)
    schedule = Schedule.of(spec, int((~held_out).sum()), settings)
    model = seeded_model(spec, len(CLASSES), settings.seed)
    rate = keras.optimizers.schedules.CosineDecay(spec.learning_rate, schedule.all_steps)
    model.compile(keras.optimizers.Adam(rate), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    weights = weights_by_class(windows.y[~held_out], CLASSES)
    model.fit(
        x[~held_out],
        windows.y[~held_out],
        batch_size=schedule.batch,
        epochs=schedule.rounds,
        validation_data=(x[held_out], windows.y[held_out]),
        class_weight=dict(enumerate(weights.tolist())),
        verbose=0,
    )


def measured(name: str) -> dict[str, Any]:
    """Seconds of both for one family, with as many epochs as it has and no early end."""
    spec = model_spec(name)
    assert isinstance(spec, ModelSpec)
    windows = drawn(spec.pipeline.input_shape)
    settings = TrainingSettings(epochs=spec.epochs)
    ours(spec, windows, dataclasses.replace(settings, epochs=1))
    mine, theirs = [], []
    for _ in range(RUNS):
        mine.append(timed(lambda: ours(spec, windows, settings)))
        theirs.append(timed(lambda: bare(spec, windows, settings)))
    (train_s, train_cpu_s), (fit_s, fit_cpu_s) = (
        map(min, zip(*each, strict=True)) for each in (mine, theirs)
    )
    return {
        "windows": WINDOWS,
        "shape": " x ".join(map(str, spec.pipeline.input_shape)),
        "epochs": spec.epochs,
        "train_s": round(train_s, 2),
        "model_fit_s": round(fit_s, 2),
        "train_cpu_s": round(train_cpu_s, 2),
        "model_fit_cpu_s": round(fit_cpu_s, 2),
        "ratio": round(train_cpu_s / fit_cpu_s, 3),
    }


def main() -> None:
    from zerotap.models.training import rounds

    rounds.PATIENCE = WINDOWS  # both do every epoch
    results = {name: measured(name) for name in ("dense", "conv")}
    told = {"cores": os.cpu_count(), "limit_s": LIMIT_S, "limit_ratio": LIMIT_RATIO, "models": results}
    (HERE / "results.json").write_text(json.dumps(told, indent=2) + "\n")
    readme = HERE / "README.md"
    before, _, rest = readme.read_text().partition(BEGIN)
    readme.write_text(f"{before}{BEGIN}\n{table(results)}\n{END}{rest.partition(END)[2]}")
    print(table(results))
    missed = [n for n, one in results.items() if one["train_s"] > LIMIT_S or one["ratio"] > LIMIT_RATIO]
    sys.exit(f"missed by {', '.join(missed)}" if missed else 0)


def table(results: dict[str, dict[str, Any]]) -> str:
    rows = [
        f"| {name} | {one['windows']:,} of {one['shape']} | {one['epochs']} | {one['train_s']} s "
        f"| {one['model_fit_s']} s | {one['train_cpu_s']} s | {one['model_fit_cpu_s']} s | {one['ratio']} |"
        for name, one in results.items()
    ]
    head = (
        "| model | windows | epochs | `train` | `model.fit` | `train`, processors | `model.fit`, processors "
        "| ratio |\n|---|---|---|---|---|---|---|---|"
    )
    return "\n".join([head, *rows])


if __name__ == "__main__":
    main()
