"""The board against the oracle: equality, sizes, refusals, and that a wrong model is found out."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from zerotap.cli import cli
from zerotap.errors import DoesNotFitError, ModelError, NotExactError, ZerotapError
from zerotap.firmware import linking
from zerotap.firmware.board import MKR_ZERO
from zerotap.firmware.generation.model_code import generate, generate_plan
from zerotap.firmware.graph import Graph
from zerotap.firmware.linking import AGAIN, Build, build
from zerotap.firmware.options import Budget, BuildOptions
from zerotap.firmware.planning import cost_model
from zerotap.firmware.quantising.model_inputs import model_inputs
from zerotap.firmware.simulation.hooks.hook_library import HookError
from zerotap.firmware.simulation.program import build_model
from zerotap.firmware.simulation.running import CLOCKING, FEW_SAMPLES
from zerotap.firmware.simulation.simulator import Simulator
from zerotap.firmware.simulation.toolchain import find_compiler
from zerotap.firmware.tflite.reader import read_tflite
from zerotap.firmware.verification import verify

KEYS = ["samples", "mismatches", "oracle", "cycles", "cycles_max", "constant_time", "board_samples"]
KEYS += ["board_cycles", "board_cycles_min", "board_cycles_max", "board_cycles_bound", "board_constant_time"]
KEYS += ["ms", "ms_min", "ms_max", "ms_bound"]
KEYS += ["flash_bytes", "ram_bytes", "stack_bytes", "stack_bound_bytes", "ram_total_bytes"]
KEYS += ["compiler", "optimise"]
KEYS += ["board", "clock_hz"]
ZIG = BuildOptions(compiler="zig")
BOTH = ["zig", pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc"))]


@pytest.fixture
def samples_file(tmp_path: Path, dense_samples: np.ndarray) -> Path:
    np.save(tmp_path / "x.npy", dense_samples)
    return tmp_path / "x.npy"


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, list(map(str, arguments)))


@pytest.mark.parametrize("compiler", BOTH)
def test_every_sample_is_equal_and_every_figure_is_measured(
    dense_file: Path, dense_samples: np.ndarray, compiler: str
) -> None:
    done = []
    report = verify(
        dense_file,
        dense_samples,
        BuildOptions(compiler=compiler),
        on_progress=lambda *at: done.append(at),
    )
    assert (report.samples, report.mismatches, report.counted) == (80, 0, 80)
    assert report.oracle.startswith("tflite 2.21")
    assert compiler in report.compiler
    assert report.outputs.shape == (80, 2)
    assert len(np.unique(report.outputs)) > 10  # not a constant that happens to agree
    weights = 8 * 16 + 16 * 8 + 8 * 2
    assert weights < report.flash_bytes < 4096
    assert report.ram_bytes == 0, "what lies between the layers is on the stack"
    assert 0 < report.stack_bytes < 512
    assert report.ram_total_bytes == report.ram_bytes + 8 + 4 + report.stack_bound_bytes, "with input, output"
    assert weights < report.cycles == report.cycles_max < 30_000
    assert report.constant_time
    waited = report.on_board
    assert waited.samples == 16 and waited.constant_time, "no read of flash depends on the input"
    assert (
        report.cycles * 1.1 < waited.cycles == waited.cycles_min == waited.cycles_bound < report.cycles * 1.5
    )
    assert report.ms == waited.cycles / 48_000
    assert ("simulating", 80, 80) in done
    stages = list(dict.fromkeys(stage for stage, _, _ in done))
    assert stages == ["generating and linking", "loading TensorFlow", "simulating", CLOCKING]


def test_int8_samples_are_taken_as_they_are(dense_file: Path, dense_samples: np.ndarray) -> None:
    graph = read_tflite(dense_file)
    quantised = model_inputs(dense_samples, graph)
    assert quantised.dtype == np.int8
    from_int8, from_float = (verify(dense_file, x, ZIG).outputs for x in (quantised, dense_samples))
    assert np.array_equal(from_int8, from_float)


def test_any_alignment_of_either_pointer(dense_file: Path, dense_samples: np.ndarray) -> None:
    graph = read_tflite(dense_file)
    program = build_model(generate(graph, "model"), "int8", 64, 64, find_compiler("zig"))
    board, sample = Simulator(program), model_inputs(dense_samples, graph)[0].tobytes()
    answers = set()
    for offset in range(4):
        source = program.symbols["harness_input"] + offset
        target = program.symbols["harness_output"] + 4 - offset
        board.write(source, sample)
        board.call("model_invoke", source, target)
        answers.add(board.read(target, 2))
    assert len(answers) == 1


def _with_one_weight_changed(planned, name: str) -> dict[str, str]:
    sources = generate_plan(planned, name)
    changed = re.sub(
        r"(const int\d+_t \w*weights\w*\[\d+\] = \{\s*)(-?\d+)", _negate, sources[f"{name}.c"], count=1
    )
    assert changed != sources[f"{name}.c"]
    return {**sources, f"{name}.c": changed}


def _negate(weight: re.Match[str]) -> str:
    return f"{weight[1]}{-int(weight[2]) or 127}"


def test_a_changed_weight_is_found_out(
    dense_file: Path, samples_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "generate_plan", _with_one_weight_changed)
    words = ("--compiler", "zig", "--optimise", "size", "--json")
    result = _run("verify", dense_file, "--samples", samples_file, *words)
    report = json.loads(result.stdout)
    assert 0 < report["mismatches"] <= 80
    assert isinstance(result.exception, NotExactError)
    assert result.exception.exit_code == 4


def test_exit_code_and_report_of_the_real_command(dense_file: Path, samples_file: Path) -> None:
    command = [sys.executable, "-m", "zerotap", "verify", dense_file, "--samples", samples_file]
    result = subprocess.run([*command, "--compiler", "zig", "--json"], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert list(json.loads(result.stdout)) == KEYS


def test_without_the_compiled_hook_a_few_samples_are_counted(
    dense_file: Path, dense_samples: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = verify(dense_file, dense_samples, ZIG)

    def missing(*_: object) -> None:
        raise HookError("not here")

    monkeypatch.setattr("zerotap.firmware.simulation.hooks.block_hook._compiled_hook", missing)
    report = verify(dense_file, dense_samples, ZIG)
    assert report.counted == FEW_SAMPLES
    assert np.array_equal(report.outputs, expected.outputs)
    assert report.cycles == pytest.approx(expected.cycles, rel=0.02)


@pytest.mark.parametrize(
    ("array", "complaint"),
    [
        (np.zeros((0, 8), np.float32), "no samples"),
        (np.float32(1), "no samples"),
        (np.zeros((2, 9), np.float32), "shape"),
        (np.zeros((2, 8), np.int32), "int32"),
        (np.zeros((2, 8), np.uint8), "uint8"),
        (np.full((2, 8), np.nan, np.float32), "NaN"),
    ],
)
def test_samples_that_do_not_suit_are_refused(
    dense_file: Path, tmp_path: Path, array: np.ndarray, complaint: str
) -> None:
    np.save(tmp_path / "bad.npy", array)
    result = _run("verify", dense_file, "--samples", tmp_path / "bad.npy")
    assert isinstance(result.exception, ModelError)
    assert complaint in str(result.exception)
    assert result.stdout == ""


def test_float64_samples_are_taken_as_quantise_takes_them(
    dense_file: Path, dense_samples: np.ndarray
) -> None:
    reports = [verify(dense_file, dense_samples[:4].astype(kind), ZIG) for kind in (np.float32, np.float64)]
    assert np.array_equal(reports[0].outputs, reports[1].outputs)


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY\x01\x00", b"label,text\n"])
def test_what_is_no_npy_is_refused(dense_file: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.npy").write_bytes(content)
    result = _run("verify", dense_file, "--samples", tmp_path / "bad.npy")
    assert isinstance(result.exception, ModelError)
    assert "bad.npy" in str(result.exception)


def test_a_missing_model_is_one_sentence(samples_file: Path) -> None:
    for command in (["verify", "none.tflite", "--samples", samples_file], ["analyse", "none.tflite"]):
        result = _run(*command)
        assert isinstance(result.exception, ZerotapError)
        assert "none.tflite" in str(result.exception)


@pytest.mark.parametrize("command", ["verify", "analyse", "export"])
def test_too_large_a_model_names_its_layer_and_exits_3(wide_file: Path, tmp_path: Path, command: str) -> None:
    np.save(tmp_path / "x.npy", np.zeros((1, 512), np.float32))
    options = {
        "verify": ["--samples", tmp_path / "x.npy"],
        "export": ["--out", tmp_path / "out", "--name", "wide"],
    }
    result = _run(command, wide_file, *options.get(command, []))
    assert isinstance(result.exception, DoesNotFitError)
    assert result.exception.exit_code == 3
    assert re.search(r"flash.*layer, 0 FULLY_CONNECTED.*31\d,\d{3} B", str(result.exception))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("compiler", BOTH)
@pytest.mark.parametrize(
    ("memory", "array"), [("flash", "const int8_t big[253900] = {1}"), ("RAM", "int8_t big[32760]")]
)
def test_the_linker_finds_what_the_plan_cannot(
    dense_file: Path, monkeypatch: pytest.MonkeyPatch, compiler: str, memory: str, array: str
) -> None:
    def with_ballast(planned, name: str) -> dict[str, str]:
        sources = generate_plan(planned, name)
        text = sources[f"{name}.c"].replace(f"void {name}_invoke(", f"{array};\nvoid {name}_invoke(", 1)
        last = text.rindex("}")
        keep = "(void)*(volatile const int8_t *)(big + (output[0] & 1));"
        return {**sources, f"{name}.c": f"{text[:last]}{keep}\n{text[last:]}"}

    monkeypatch.setattr(linking, "generate_plan", with_ballast)
    with pytest.raises(DoesNotFitError, match=rf"B more {memory} than.*FULLY_CONNECTED"):
        build(read_tflite(dense_file), BuildOptions(compiler=compiler))


def test_a_stack_that_runs_into_the_variables_does_not_fit(
    dense_file: Path, dense_samples: np.ndarray
) -> None:
    built = _with_least_ram(read_tflite(dense_file))
    room = _room(built)
    report = verify(dense_file, dense_samples[:2], replace(ZIG, budget=_ram(room)))
    assert report.stack_bytes <= built.sizes.stack_bound_bytes
    with pytest.raises(DoesNotFitError, match=rf"\d+ B more RAM than a smaller board has \({room - 1} B\)"):
        verify(dense_file, dense_samples[:2], replace(ZIG, budget=_ram(room - 1)))


def _ram(size: int) -> Budget:
    return Budget(MKR_ZERO.flash_bytes, size, "a smaller board has")


def _room(built: Build) -> int:
    return built.program.ram_bytes + built.sizes.stack_bound_bytes


def _with_least_ram(graph: Graph) -> Build:
    """A byte less than one choice of kernels takes, and another is made, until there is none."""
    built = build(graph, ZIG)
    while True:
        room = _room(built)
        try:
            built = build(graph, replace(ZIG, budget=_ram(room - 1)))
        except DoesNotFitError:
            return built
        assert _room(built) < room


@pytest.mark.parametrize("compiler", BOTH)
def test_what_was_linked_is_held_to_the_budget(dense_file: Path, compiler: str) -> None:
    """One byte too few for the fastest kernels as linked, whatever the cost model makes of them."""
    graph, options = read_tflite(dense_file), BuildOptions(compiler=compiler)
    fast = build(graph, options)
    limits = Budget(fast.sizes.flash_bytes - 1, MKR_ZERO.ram_bytes)
    slower = build(graph, replace(options, budget=limits))
    assert slower.sizes.flash_bytes <= limits.flash_bytes
    assert slower.planned.cycles > fast.planned.cycles


def test_a_plan_that_was_stated_too_small_makes_way_for_the_next_and_says_so(
    dense_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cost model that leaves 40 B out: what it takes for the fastest is then more than the budget."""
    graph, stages = read_tflite(dense_file), []
    fast = build(graph, ZIG)
    stated = cost_model.flash_bytes
    monkeypatch.setattr(cost_model, "flash_bytes", lambda chosen: stated(chosen) - 40)
    limits = Budget(fast.sizes.flash_bytes - 1, MKR_ZERO.ram_bytes)
    slower = build(graph, replace(ZIG, budget=limits), lambda stage, _done, _total: stages.append(stage))
    assert slower.sizes.flash_bytes <= limits.flash_bytes < fast.sizes.flash_bytes
    said = next(stage for stage in stages if stage.startswith(AGAIN))
    assert re.search(r"took \d+ B more flash", said)
