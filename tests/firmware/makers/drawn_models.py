"""Whole Keras models of drawn layers, with one input or several, and samples to calibrate them."""

import keras
import numpy as np
from drawn_layers import BLOCKS, CHANNELS_MAX, LEADING, STEPS_MAX, activation, globally, likely, pick, whole
from keras import layers

COUNT = 8
ROWS_MAX = 40
VALUES_MAX = 600
MORE_MAX = 2
"""Blocks on either side of the one that a seed leads to."""


def draw_model(seed: int, attempt: int) -> tuple[keras.Model, dict[str, np.ndarray]]:
    """The seed's model, and arrays for each of its inputs. Consecutive seeds lead through all blocks."""
    keras.utils.clear_session(free_memory=False)
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng([seed, attempt])
    rank, block = LEADING[seed % len(LEADING)]
    sources, x = _begun(rng, rank)
    x = _more(rng, x, rank)
    x = block(rng, x)
    tap = x
    x = _more(rng, x)
    if likely(rng, 0.2):
        sources, x = _with_another(rng, sources, x)
    targets = [_ended(rng, x)]
    if likely(rng, 0.2):
        targets.append(_ended(rng, tap))
    model = keras.Model([source for source, _ in sources], targets)
    _draw_weights(model, rng)
    return model, {source.name: samples for source, samples in sources}


def _begun(rng, rank: int):
    """An input that leads to a tensor of this rank, with its samples: ids, or floats."""
    name = "first"
    if rank == 3 and likely(rng, 0.25):
        source, samples, x = _ids(rng, name)
        return [(source, samples)], x
    shapes = {
        2: (whole(rng, 1, 24),),
        3: (whole(rng, 3, STEPS_MAX), whole(rng, 1, 6)),
        4: (whole(rng, 3, 8), whole(rng, 3, 8), whole(rng, 1, 4)),
    }
    source, samples = _floats(rng, shapes[rank], name)
    return [(source, samples)], source


def _ids(rng, name: str, *, masks: bool = False):
    """Rows by ids; what ``masks`` must not be read by a layer that heeds masks."""
    rows, steps = whole(rng, 2, ROWS_MAX), whole(rng, 2, STEPS_MAX)
    source = keras.Input((steps,), dtype="int32", name=name)
    samples = rng.integers(0, rows, (COUNT, steps)).astype(np.int32)
    return source, samples, layers.Embedding(rows, whole(rng, 1, 8), mask_zero=masks)(source)


def _floats(rng, shape: tuple[int, ...], name: str):
    if likely(rng, 0.3):
        samples = rng.integers(0, 256, (COUNT, *shape)) / 255
    else:
        samples = rng.uniform(-1, 1, (COUNT, *shape)) * 10.0 ** rng.integers(-1, 2)
    return keras.Input(shape, name=name), samples.astype(np.float32)


def _more(rng, x, rank: int | None = None):
    """Up to MORE_MAX blocks behind ``x``; with ``rank`` only such as leave a tensor of it."""
    for _ in range(whole(rng, 0, MORE_MAX)):
        made = pick(rng, *BLOCKS[len(x.shape)])(rng, x)
        if np.prod(made.shape[1:]) <= VALUES_MAX and made.shape[-1] <= 4 * CHANNELS_MAX:
            x = made if rank in (None, len(made.shape)) else x
    return x


def _flat(rng, x):
    return x if len(x.shape) == 2 else globally(rng, x)


def _with_another(rng, sources, x):
    """A second input, dense or of ids, beside what there is."""
    if likely(rng, 0.5):
        source, samples, rows = _ids(rng, "second", masks=likely(rng, 0.5))
        other = layers.Flatten()(rows)
    else:
        source, samples = _floats(rng, (whole(rng, 1, 9),), "second")
        other = source
    parts = [layers.Dense(4, activation=activation(rng))(_flat(rng, each)) for each in (x, other)]
    joint = pick(rng, layers.Concatenate, layers.Add, layers.Multiply, layers.Maximum)()
    return [*sources, (source, samples)], joint(parts)


def _ended(rng, x):
    """An output: most often a dense layer's, now and then the tensor of whatever is last."""
    if likely(rng, 0.2):
        return layers.Dense(3)(x)
    return layers.Dense(whole(rng, 1, 6), activation=activation(rng, "softmax"))(_flat(rng, x))


def _draw_weights(model: keras.Model, rng) -> None:
    """Biases that are not zero; now and then a channel that is dead, or far smaller or larger than others."""
    for weight in model.weights:
        shape = weight.shape
        if weight.name == "moving_variance":
            weight.assign(rng.uniform(0.3, 2, shape))
        elif weight.name in ("gamma", "scale"):
            weight.assign(rng.uniform(0.5, 1.5, shape))
        elif weight.name == "alpha":
            weight.assign(rng.uniform(-0.5, 0.9, shape))
        elif weight.name == "embeddings":
            weight.assign(rng.uniform(-1, 1, shape))
        elif len(shape) == 1:
            weight.assign(rng.uniform(-0.2, 0.5, shape))
        elif shape[-1] > 2 and likely(rng, 0.2):
            values = weight.numpy()
            values[..., whole(rng, 0, shape[-1] - 1)] *= pick(rng, 0, 1e-3, 30)
            weight.assign(values)
