"""Random Keras models of all layers: quantised, planned, generated, equal to the oracle.

Consecutive seeds lead through every block of `makers/drawn_layers.py`. A model's seed is in its test's name:
`make test-random SEED=7` draws the models 7 and up in place of those that `make test-thorough` draws.
"""

from dataclasses import dataclass, field

import keras
import numpy as np
import pytest
from drawn_layers import LEADING
from drawn_models import draw_model
from seeds import FIRST_SEED

from zerotap.errors import ModelError
from zerotap.firmware import (
    BuildOptions,
    Graph,
    Oracle,
    analyse,
    generate,
    plan,
    quantise,
    random_inputs,
    read_tflite,
    verify,
)
from zerotap.firmware.oracles.tables import filled
from zerotap.firmware.several_ends import differing, fields

pytestmark = [pytest.mark.drawn, pytest.mark.thorough]

MODELS = len(LEADING)
SEEDS = [FIRST_SEED + index for index in range(MODELS)]
ON_BOARD = SEEDS[::22]
COMPILERS = [pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc")), "zig"]
SCALE_OF_ZEROS = 1e-8  # the converter takes 7.8e-9 for a tensor that is always 0
# Refused, and said so: sums behind a layer that gives 0 for all of the calibration.
REFUSED = ("scales are too far apart", "scale is too small")


@dataclass
class Case:
    """A drawn model: its .tflite, its layers, and its C, or what zerotap raised."""

    content: bytes = b""
    layers: set[str] = field(default_factory=set)
    files: dict[str, dict[str, str]] = field(default_factory=dict)
    fault: Exception | None = None

    def check(self) -> None:
        if self.fault:
            raise self.fault


def draw(seed: int) -> Case:
    case = Case()
    try:
        case.content, case.layers = quantised(seed)
        for optimise in ("speed", "size") if seed % 3 == 0 else ("speed",):
            name = f"model_{seed}_{optimise}"
            options = BuildOptions(optimise=optimise)
            case.files[name] = generate(read_tflite(case.content), name, options)
    except Exception as error:  # raised in the test that is named for the seed
        case.fault = error
    return case


def quantised(seed: int) -> tuple[bytes, set[str]]:
    """The first of the seed's models in which no layer gives 0 for all of the calibration."""
    for attempt in range(20):
        model, samples = draw_model(seed, attempt)
        given = samples if len(samples) > 1 else samples["first"]
        try:
            content = quantise(model, given, isolation=None)
        except ModelError as error:
            if not any(words in str(error) for words in REFUSED) or not has_dead_layer(model, samples):
                raise
            continue
        computed = [each for each in read_tflite(content).tensors if each.data is None and each.scale.size]
        if min((each.scale[0] for each in computed), default=1) > SCALE_OF_ZEROS:
            return content, {type(layer).__name__ for layer in model._flatten_layers()}
    raise AssertionError(f"seed {seed} draws models only that are dead or refused")


def has_dead_layer(model: keras.Model, samples: dict[str, np.ndarray]) -> bool:
    """Whether a layer gives 0 throughout: the scale that the converter takes then has no meaning."""
    inner = keras.Model(model.inputs, [layer.output for layer in model.layers])
    made = inner.predict([samples[each.name] for each in model.inputs], verbose=0)
    return any(np.abs(values).max() < SCALE_OF_ZEROS for values in keras.tree.flatten(made))


def board_samples(graph: Graph, seed: int) -> np.ndarray:
    """Random values, and every element at an end or at the zero point."""
    samples = random_inputs(graph, 32, seed=seed)
    rng = np.random.default_rng(seed)
    for values, index in zip(fields(samples), graph.inputs, strict=True):
        low, high = values.min(), values.max()
        middle = int(graph.tensors[index].zero_point[0]) if values.dtype == np.int8 else 0
        if values.dtype == np.int8:
            low, high = -128, 127
        values[-8:] = rng.choice([low, high], values[-8:].shape)
        values[-3:] = np.array([low, high, middle]).reshape(3, *[1] * (values.ndim - 1))
    return samples


@pytest.fixture(scope="module")
def cases() -> dict[int, Case]:
    return {seed: draw(seed) for seed in SEEDS}


@pytest.fixture(scope="module")
def program(cases, build_host):
    return build_host({name: files for case in cases.values() for name, files in case.files.items()})


@pytest.mark.parametrize("seed", SEEDS)
def test_host_c_equals_the_oracle_on_random_models(cases, program, seed):
    case = cases[seed]
    case.check()
    samples = board_samples(read_tflite(case.content), seed)
    expected = Oracle(case.content, isolation=None).invoke(samples)
    for name in case.files:
        got = program.run(name, samples)
        if expected.dtype.names is None:
            assert np.array_equal(got, expected), name
        else:
            assert not differing(got.ravel().view(expected.dtype), expected).any(), name


@pytest.mark.parametrize("seed", SEEDS[: MODELS // 3])
def test_numpy_references_equal_the_oracle_on_random_models(cases, seed):
    case = cases[seed]
    case.check()
    planned = filled(plan(read_tflite(case.content)))
    graph = planned.graph
    samples = board_samples(graph, seed)[-6:]
    expected = fields(Oracle(case.content, isolation=None).invoke(samples))
    for place in range(len(samples)):
        taken = (each[place] for each in fields(samples))
        values = dict(zip(graph.inputs, taken, strict=True))
        for layer in planned.layers:
            data = [values[source.index] for source in layer.sources]
            values[layer.target.index] = layer.reference(graph, *data)
        for index, wanted in zip(graph.outputs, expected, strict=True):
            assert np.array_equal(np.ravel(values[index]), np.ravel(wanted[place]))


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("seed", ON_BOARD)
def test_the_board_computes_them_on_no_more_stack_than_analyse_says(cases, seed, compiler):
    case = cases[seed]
    case.check()
    graph = read_tflite(case.content)
    measured = verify(case.content, board_samples(graph, seed)[-4:], BuildOptions(compiler=compiler))
    assert measured.mismatches == 0
    assert measured.stack_bytes <= measured.stack_bound_bytes <= analyse(plan(graph))["stack_bytes"]


def test_at_least_sixty_models_of_all_layers_were_compared(cases):
    faults = {seed: str(case.fault) for seed, case in cases.items() if case.fault}
    assert len(cases) - len(faults) >= 60, faults
    drawn = set().union(*(case.layers for case in cases.values()))
    wanted = ("Dense", "LSTM", "MultiHeadAttention", "Attention", "PReLU", "BatchNormalization", "Embedding")
    assert drawn >= {*wanted, "LayerNormalization", "Concatenate", "TimeDistributed", "RepeatVector"}
