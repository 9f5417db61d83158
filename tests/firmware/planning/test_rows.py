"""Layers by rows: exact, constant time, as stated, nothing computed twice, and only where RAM is short."""

import re
from collections import Counter

import numpy as np
import pytest
from residual import drawn, residual, separable

from zerotap.errors import DoesNotFitError
from zerotap.firmware import Oracle, find_compiler, plan, read_tflite
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.graph import Graph
from zerotap.firmware.options import Budget, BuildOptions
from zerotap.firmware.planning.fitting import check_plan
from zerotap.firmware.planning.plan import Plan
from zerotap.firmware.planning.rows.row_layer import row_layer
from zerotap.firmware.planning.rows.schedule import schedule
from zerotap.firmware.simulation.program import MODEL_NAME, build_model
from zerotap.firmware.simulation.running import run_samples
from zerotap.firmware.simulation.stack_bound import stack_bound

NARROW = BuildOptions(budget=Budget(1 << 20, 1))
COMPILERS = [pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc")), "zig"]
DRAWN = 6


def inputs(graph: Graph, count: int = 4) -> np.ndarray:
    rng = np.random.default_rng(5)
    samples = rng.integers(-128, 128, (count, *graph.tensors[graph.input].shape)).astype(np.int8)
    samples[0], samples[1] = -128, 127
    return samples


def reference(planned: Plan, sample: np.ndarray) -> np.ndarray:
    values = {planned.graph.input: sample}
    for layer in planned.layers:
        data = [values[source.index] for source in layer.sources]
        values[layer.target.index] = layer.reference(planned.graph, *data)
    return values[planned.graph.output].ravel()


def test_host_c_equals_the_oracle(tflite_writer, build_host):
    """Drawn networks, and MLPerf Tiny's image classifier, which takes at most 20 KB of RAM with its input."""
    contents = {f"drawn_{seed}": drawn(tflite_writer, seed) for seed in range(DRAWN)}
    plans = {name: plan(read_tflite(content), NARROW) for name, content in contents.items()}
    contents["classifier"] = residual(tflite_writer, 32, 16, 10)
    plans["classifier"] = plan(read_tflite(contents["classifier"]))
    assert plans["classifier"].ram_total_bytes <= 20_000
    assert plans["classifier"].layers[0].is_by_rows
    several = [name for name, planned in plans.items() if any(each.is_by_rows for each in planned.layers)]
    assert len(several) > DRAWN // 2
    program = build_host({name: generate_plan(plans[name], name) for name in several})
    distinct = set()
    for name in several:
        samples = inputs(plans[name].graph)
        expected = Oracle(contents[name]).invoke(samples)
        assert np.array_equal(program.run(name, samples), expected), name
        assert np.array_equal(reference(plans[name], samples[2]), expected[2]), name
        distinct.update(expected.ravel().tolist())
    assert len(distinct) > 20, "the cases saturate and prove nothing"


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_board_has_the_oracles_bits_in_the_stated_time(tflite_writer, compiler):
    content = residual(tflite_writer, 16, 4, 5)
    graph = read_tflite(content)
    planned, samples = plan(graph, NARROW), inputs(graph)
    assert planned.layers[0].is_by_rows
    size = graph.tensors[graph.input].size
    program = build_model(generate_plan(planned, MODEL_NAME), "int8", size, 5, find_compiler(compiler))
    outputs, runs = run_samples(program, samples.reshape(len(samples), -1), 5)
    assert np.array_equal(outputs, Oracle(content).invoke(samples))
    cycles = {run.cycles for run in runs}
    assert len(cycles) == 1
    assert planned.cycles == pytest.approx(cycles.pop(), rel=0.03)
    bound = stack_bound(program, f"{MODEL_NAME}_invoke")
    assert max(run.stack_bytes for run in runs) <= bound <= planned.stack_bytes
    assert program.ram_bytes - size - 8 <= planned.arena_bytes <= program.ram_bytes - size
    if compiler == "gcc":
        assert planned.flash_bytes == pytest.approx(program.flash_bytes, rel=0.05)


def test_where_there_is_ram_nothing_goes_by_rows(tflite_writer):
    graph = read_tflite(residual(tflite_writer, 16, 4, 5))
    usual = plan(graph)
    assert not any(layer.is_by_rows for layer in usual.layers)
    limits = Budget(1 << 20, usual.ram_total_bytes * 3 // 4)
    narrow = plan(graph, BuildOptions(budget=limits))
    assert narrow.layers[0].is_by_rows
    assert narrow.ram_total_bytes <= limits.ram_bytes
    assert usual.cycles < narrow.cycles < 1.1 * usual.cycles


def test_no_row_is_computed_twice_or_kept_too_long(tflite_writer):
    graph = read_tflite(residual(tflite_writer, 32, 16, 10))
    single = plan(graph, BuildOptions(budget=Budget(1 << 20, 1 << 20))).layers
    found = [row_layer(graph, layer) for layer in single]
    layers = [layer for layer in found if layer is not None][:12]
    order = schedule(layers, graph.tensors[graph.input])
    computed = Counter(step.tensor for step in order.steps if step.slots)
    assert computed == {layer.target.index: layer.target.shape[1] for layer in layers}
    kept = Counter(ring.rows for ring in order.rings.values() if ring.shares is None)
    assert kept == {3: 7, 1: 2}, "three rows below a window of 3x3, one of each shortcut's"
    assert sum(ring.shares is not None for ring in order.rings.values()) == 3, "sums in their second's place"


def test_visual_wake_words_is_refused_with_both_figures(tflite_writer):
    planned = plan(read_tflite(separable(tflite_writer, 96, 8)))
    with pytest.raises(DoesNotFitError) as refused:
        check_plan(planned)
    message = str(refused.value)
    ram = f"{planned.ram_total_bytes - 32_768:,} B more RAM than the Arduino MKR Zero has (32,768 B)"
    assert ram in message, message
    assert re.search(r"B more flash than|beside [\d,]+ B of flash", message), message
    assert message.count(". ") == 0, "one sentence"
