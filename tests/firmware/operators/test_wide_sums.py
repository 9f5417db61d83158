"""Layers whose sums no fast way rounds as TFLite does: exact all the same, on the host and on the board."""

import numpy as np
import pytest

from zerotap.firmware import BuildOptions, Oracle, generate, plan, read_tflite, verify
from zerotap.firmware.operators.parts import requantisation
from zerotap.firmware.operators.parts.outputs import Outputs

COMPILERS = [pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc")), "zig"]
INPUTS, OUTPUTS = 64, 5
SAMPLES = np.random.default_rng(4).integers(-128, 128, (300, 1, INPUTS)).astype(np.int8)


def layer(writer, operator: str, seed: int, *, before_elu: bool = False, reach: float = 1) -> bytes:
    """Dense or 1x1 convolution with biases that are far larger than what the weights add to them."""
    rng = np.random.default_rng(seed)
    tensor, model, write = writer
    outputs, inputs = OUTPUTS, INPUTS
    place = (1,) if operator == "FULLY_CONNECTED" else (1, 1, 1)
    scales = np.float32(rng.uniform(2.0e-4, 2.8e-4, outputs)) * np.float32(reach)
    bias = np.rint(rng.normal(0, 4e6, outputs) / reach)
    inner = place[1:] if len(place) > 1 else ()
    weights = rng.integers(-127, 128, (outputs, *inner, inputs))
    source, zero_point = np.float32(0.0312), int(rng.integers(-128, 128))
    tensors = [
        tensor((*place, inputs), "int8", source, zero_point),
        tensor((*place, inputs), "int8", source, zero_point),
        tensor((outputs, *inner, inputs), "int8", scales, 0, weights),
        tensor((outputs,), "int32", source * scales, 0, bias),
        tensor((*place, outputs), "int8", np.float32(rng.uniform(0.2, 0.3)), int(rng.integers(-20, 20))),
    ]
    if operator == "FULLY_CONNECTED":
        kind, options = "FullyConnectedOptions", {}
    else:
        kind, options = "Conv2DOptions", dict.fromkeys(("strideH", "strideW"), 1)
        options |= dict.fromkeys(("dilationHFactor", "dilationWFactor"), 1)
    before = [model.one("ELU", [0], 1)] if before_elu else []
    return write(model(operator, tensors, [int(before_elu), 2, 3], 4, 0, kind, options, before=before))


def ties(writer) -> bytes:
    """Sums of 1 / 7990 of an output: some that lie beside a half are one in double precision."""
    tensor, model, write = writer
    odd = 3995
    bias = [
        (2 * k - 1) * odd + off for k, off in zip((1, 2, -3, 5, -9, 40, 99, -120), (0, 1) * 4, strict=True)
    ]
    weights = np.zeros((len(bias), INPUTS))
    weights[:, 0] = 1, 1, -1, 1, -1, 2, 3, -5
    tensors = [
        tensor((1, INPUTS), "int8", 1.0, 0),
        tensor((len(bias), INPUTS), "int8", 1.0, 0, weights),
        tensor((len(bias),), "int32", 1.0, 0, bias),
        tensor((1, len(bias)), "int8", 2.0 * odd, 0),
    ]
    return write(model("FULLY_CONNECTED", tensors, [0, 1, 2], 3, 0, "FullyConnectedOptions"))


CASES = {
    "once": ("FULLY_CONNECTED", False, 1),
    "once_small": ("FULLY_CONNECTED", False, 40),
    "twice": ("CONV_2D", False, 1),
    "twice_small": ("CONV_2D", False, 40),
    "halves_up": ("FULLY_CONNECTED", True, 40),
    "halves_up_large": ("FULLY_CONNECTED", True, 1),
}


@pytest.fixture(scope="module")
def models(tflite_writer) -> dict[str, bytes]:
    return {
        name: layer(tflite_writer, operator, seed, before_elu=elu, reach=reach)
        for seed, (name, (operator, elu, reach)) in enumerate(CASES.items())
    } | {"once_ties": ties(tflite_writer)}


def test_an_output_that_neither_fast_way_rounds_makes_its_layer_wide():
    rng = np.random.default_rng(2)
    offsets = rng.integers(-(1 << 28), 1 << 28, 24)
    low, high = np.full(24, -(1 << 29)), np.full(24, 1 << 29)
    factors = rng.uniform(1.5e-7, 3e-7, 24).tolist()
    outputs = Outputs(offsets, factors, low, high, True, 0, -128, 127)
    (way,) = requantisation.requantisers(outputs)
    assert way.function == "zerotap_round_sums_once"
    assert way.constant_bytes == 16 * 24


def test_every_rounding_equals_the_oracle_where_the_wide_way_is_the_only_one(models, build_host, monkeypatch):
    monkeypatch.setattr(requantisation, "scales", lambda _: None)
    monkeypatch.setattr(requantisation, "_rounded", lambda *_: None)
    programs = {name: generate(read_tflite(content), name) for name, content in models.items()}
    compiled = build_host(programs)
    for name, content in models.items():
        function = "once" if name.startswith("once") else "twice"
        assert f"zerotap_round_sums_{function}(" in programs[name][f"{name}.c"]
        shaped = SAMPLES.reshape(-1, *read_tflite(content).tensors[0].shape)
        expected = Oracle(content).invoke(shaped)
        assert len(np.unique(expected)) > (12 if name == "once_ties" else 20), name
        assert np.array_equal(compiled.run(name, shaped), expected), name


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("name", ["once", "twice"])
def test_the_linked_program_takes_the_cycles_that_are_stated(models, name, compiler, monkeypatch):
    monkeypatch.setattr(requantisation, "scales", lambda _: None)
    monkeypatch.setattr(requantisation, "_rounded", lambda *_: None)
    graph = read_tflite(models[name])
    samples = SAMPLES[:20].reshape(20, *graph.tensors[0].shape)
    done = verify(models[name], samples, BuildOptions(compiler=compiler))
    assert done.mismatches == 0
    assert done.constant_time
    if compiler == "gcc":
        assert done.cycles == pytest.approx(plan(graph).cycles, rel=0.1)


def test_a_wide_way_is_there_only_where_it_has_to_be(models):
    ways = [choice.kernel for choice in plan(read_tflite(models["twice_small"])).layers[0].implementations]
    assert not any("round_sums_" in way for way in ways)
