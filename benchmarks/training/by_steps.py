"""Networks, trained by steps: as `train` does it once the windows are cut, and by a bare `model.fit`.

The whole training has all steps of its family, as if it never stopped early. The comparison is of EPOCHS
epochs, RUNS times each in turn; the least processor time of each counts. Both build the model, with
TensorFlow's deterministic kernels, and both validate after every epoch.
"""

from __future__ import annotations

import numpy as np
from timing import Row, timed

from zerotap.features import Windows
from zerotap.models import ModelSpec, model_input, model_spec
from zerotap.models.training.class_weights import weights_by_class
from zerotap.models.training.fitting import seeded_model
from zerotap.models.training.one_fit import Fitter
from zerotap.models.training.schedule import Schedule
from zerotap.models.training.settings import TrainingSettings
from zerotap.models.training.validation import validation_mask
from zerotap.reporting import no_progress

WINDOWS, CLASSES = 10_000, ("calm", "tense")
EPOCHS, RUNS = 4, 3
LIMIT_S, LIMIT_RATIO = 60.0, 1.05


def measured(name: str) -> Row:
    """One family on windows of its own pipeline's shape."""
    from zerotap.models.training import rounds

    rounds.PATIENCE = WINDOWS
    spec = model_spec(name)
    assert isinstance(spec, ModelSpec)
    windows, few = drawn(spec.pipeline.input_shape), TrainingSettings(epochs=EPOCHS)
    ours(spec, windows, TrainingSettings(epochs=1))
    mine, theirs = [], []
    for _ in range(RUNS):
        mine.append(timed(lambda: ours(spec, windows, few))[1])
        theirs.append(timed(lambda: bare(spec, windows, few))[1])
    taken = timed(lambda: ours(spec, windows, TrainingSettings()))
    shape = " x ".join(map(str, spec.pipeline.input_shape))
    learnt = int((~validation_mask(windows, 0)).sum())
    of = f"{WINDOWS:,} windows of {shape}, {Schedule.of(spec, learnt, TrainingSettings()).all_steps:,} steps"
    return Row(of, *taken, LIMIT_S, round(min(mine) / min(theirs), 3), LIMIT_RATIO)


def drawn(shape: tuple[int, ...]) -> Windows:
    """Windows of two classes that differ by a little, ten a recording."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(WINDOWS // 10), 10)
    y = groups % 2
    x = rng.integers(0, 40, (WINDOWS, *shape)) + rng.integers(0, 3, (WINDOWS, *shape)) * y[:, None, None]
    return Windows(x.astype(np.uint8), y.astype(np.int64), groups.astype(np.int64))


def ours(spec: ModelSpec, windows: Windows, settings: TrainingSettings) -> None:
    """What `train` does once the windows are cut."""
    Fitter(spec, CLASSES, lambda *, is_needed: bytes(32), no_progress).fit(windows, settings)


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
