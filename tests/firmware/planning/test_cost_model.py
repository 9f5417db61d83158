"""The cost model against the linked program: cycles, constants, arena, flash and stack, every kernel."""

import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from all_makers import make, of_each_oracle
from elftools.elf.elffile import ELFFile
from on_board import Every, FirstOfEachCode, Linked, Wanted, in_own_units, with_choice
from one_unit import batches

from zerotap.firmware import analyse, find_compiler, plan, quantise, read_tflite
from zerotap.firmware.artefacts.tflite_model import random_inputs
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.linking import build
from zerotap.firmware.operators import OPERATORS
from zerotap.firmware.options import BuildOptions
from zerotap.firmware.planning.cost_model import INVOKE_CYCLES, cycles_within
from zerotap.firmware.planning.plan import Plan
from zerotap.firmware.simulation.running import clock_samples, run_samples

SEEDS = 5
KINDS = [FirstOfEachCode, pytest.param(Every, marks=pytest.mark.thorough)]
# In a layer of a few hundred cycles these stand for more than a part of them: a spilled register, a branch.
SLACK_CYCLES = 30
FLAGS = ["-O2", "-std=c99", "-ffreestanding", "-ffunction-sections", "-fdata-sections"]

pytestmark = pytest.mark.system("arm-none-eabi-gcc")


@dataclass
class Case:
    """One model with one choice of kernels."""

    name: str
    planned: Plan
    samples: np.ndarray

    @property
    def within(self) -> float:
        return max(cycles_within(layer.choice) for layer in self.planned.running)


def cases(writer, operator: str, wanted: Wanted) -> Iterator[Case]:
    """Every kernel that a drawn layer can have."""
    for seed in range(SEEDS):
        _, graph, samples = make(writer, operator, seed)
        for planned in map(plan, of_each_oracle(graph, operator)):
            for position, layer in enumerate(planned.layers):
                choices = layer.implementations if not layer.alias else ()
                for number, one in wanted(with_choice(planned, position, choice) for choice in choices):
                    yield Case(f"seed_{seed}_{planned.graph.oracle}_{position}_{number}", one, samples[:3])


def simulated(several: list[Case]) -> dict[str, int]:
    """The most cycles of each, linked into as few programs as hold them."""
    every = batches(several, lambda case: case.planned.flash_bytes, len(several))
    return {name: cycles for batch in every for name, cycles in in_one_program(batch).items()}


def in_one_program(several: list[Case]) -> dict[str, int]:
    linked = Linked({case.name: case.planned for case in several}, "gcc", in_own_units)
    bounds, cycles = linked.stack_bounds(), {}
    for case in several:
        ran = linked.run(case.name, case.samples)
        assert ran.stack_bytes <= bounds[case.name] <= case.planned.stack_bytes, case.name
        cycles[case.name] = max(ran.cycles)
    return cycles


# Constants that layers share, each counted with its filling.
SHARED = ("logistic_", "tanh_")


def object_sizes(planned: Plan) -> tuple[int, int]:
    """(bytes of constants, of the arena) as gcc lays them out."""
    with tempfile.TemporaryDirectory() as folder:
        for file, text in generate_plan(planned, "model").items():
            Path(folder, file).write_text(text)
        command = [*find_compiler("gcc").command, "-mcpu=cortex-m0plus", "-mthumb", *FLAGS, "-c", "model.c"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        with Path(folder, "model.o").open("rb") as stream:
            symbols = ELFFile(stream).get_section_by_name(".symtab").iter_symbols()
            sizes = {s.name: s["st_size"] for s in symbols if s["st_info"]["type"] == "STT_OBJECT"}
    own = sum(size for name, size in sizes.items() if name.startswith("layer_"))
    shared = sum(-(-size // 4) * 4 for name, size in sizes.items() if name.startswith(SHARED))
    return own + shared, sizes.get("arena", 0)


def fault(case: Case, cycles: int) -> str | None:
    """How far off the model is, if too far."""
    off = case.planned.cycles - cycles
    if abs(off) <= max(case.within * cycles, SLACK_CYCLES):
        return None
    kernels = "; ".join(layer.choice.kernel for layer in case.planned.running)
    percent = 100 * off / cycles
    return f"{case.name} {kernels}: {case.planned.cycles} by the model, {cycles} simulated, {percent:+.1f} %"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_every_kernel_takes_the_cycles_that_the_model_says(
    tflite_writer, operator: str, kind: type[Every]
) -> None:
    several = list(cases(tflite_writer, operator, kind()))
    cycles = simulated(several) if several else {}
    faults = [message for case in several if (message := fault(case, cycles[case.name]))]
    assert not faults, "\n".join(["cycles by the model and simulated differ:", *faults])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_constants_and_arena_are_exact(tflite_writer, operator: str, kind: type[Every]) -> None:
    wrong = []
    for case in cases(tflite_writer, operator, kind()):
        expected, found = (case.planned.weight_bytes, case.planned.arena_bytes), object_sizes(case.planned)
        kernels = [layer.choice.kernel for layer in case.planned.running]
        wrong += [(case.name, kernels, expected, found)] if expected != found else []
    assert not wrong, "(constants, arena) by the model and in the object differ"


def whole_models() -> dict[str, bytes]:
    import keras
    import tensorflow as tf
    from keras import layers

    @keras.saving.register_keras_serializable("test_cost_model")
    class Table(layers.Layer):
        def build(self, shape):
            self.table = self.add_weight(shape=(200, 16), initializer="normal", name="table")

        def call(self, ids):
            return tf.gather(self.table, ids)

    def sequential(source, stack, calibration) -> bytes:
        keras.utils.set_random_seed(4)
        return quantise(keras.Sequential([source, *stack]), calibration)

    rng = np.random.default_rng(4)
    windows = rng.uniform(-1, 1, (32, 40, 6)).astype(np.float32)
    ids = rng.integers(0, 200, (32, 12)).astype(np.int32)
    relu = {"activation": "relu"}
    conv = [layers.Conv1D(12, 5, **relu), layers.MaxPooling1D(2), layers.Conv1D(20, 3, **relu)]
    separable = [layers.SeparableConv1D(24, 5, padding="same", **relu), layers.AveragePooling1D(2)]
    return {
        "dense": sequential(
            keras.Input((40, 6)), [layers.Flatten(), layers.Dense(20, **relu), layers.Dense(3)], windows
        ),
        "conv": sequential(
            keras.Input((40, 6)), [*conv, layers.GlobalAveragePooling1D(), layers.Dense(5)], windows
        ),
        "separable": sequential(
            keras.Input((40, 6)),
            [*separable, layers.Flatten(), layers.Dense(2, activation="softmax")],
            windows,
        ),
        "bag": sequential(
            keras.Input((12,), dtype="int32"),
            [Table(), layers.GlobalAveragePooling1D(), layers.Dense(10, **relu), layers.Dense(4)],
            ids,
        ),
    }


@pytest.fixture(scope="module")
def models() -> dict[str, bytes]:
    return whole_models()


@pytest.mark.parametrize("optimise", ["speed", "size"])
@pytest.mark.parametrize("name", ["dense", "conv", "separable", "bag"])
def test_whole_models_cost_what_analyse_says(models: dict[str, bytes], name: str, optimise: str) -> None:
    graph = read_tflite(models[name])
    built = build(graph, BuildOptions(compiler="gcc", optimise=optimise))
    samples = random_inputs(graph, 4, seed=1)
    _, runs = run_samples(built.program, samples, graph.tensors[graph.output].size)
    report = analyse(built.planned)
    on_board = [run.board_cycles for run in clock_samples(built.program, samples, runs, samples)]
    assert report["board_cycles"] == pytest.approx(max(on_board), rel=report["board_cycles_within"])
    cycles, stack_bytes = max(run.cycles for run in runs), max(run.stack_bytes for run in runs)
    within = max(layer["cycles_within"] for layer in report["layers"])
    assert report["cycles"] == pytest.approx(cycles, rel=within)
    assert report["flash_bytes"] == pytest.approx(built.sizes.flash_bytes, rel=0.02, abs=64)
    assert stack_bytes <= built.sizes.stack_bound_bytes <= report["stack_bytes"] <= stack_bytes + 160
    assert report["arena_bytes"] == built.sizes.ram_bytes
    assert report["cycles"] == INVOKE_CYCLES + sum(layer["cycles"] for layer in report["layers"])
