"""Measure the engine on the simulated board: cycles, flash, RAM and stack of M1 to M6, beside other engines.

    python benchmarks/engine/measure.py                # all: writes results.json and README.md's tables
    python benchmarks/engine/measure.py --check        # ours with gcc; ends with 1 where a target is missed
    python benchmarks/engine/measure.py --check M1 M3  # the same for some of the models

Needs the extra `dev` (tf_keras for M6, emlearn); a compiler that is missing is left out.
"""

import argparse
import json
import platform
import re
import sys
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

import emlearn_network
import numpy as np
from targets import BEST_OTHER, REACH, REACH_FLASH_OPTIMISED_FOR_SIZE, TFLM_WITH_CMSIS_NN, Figures

import models
from zerotap.errors import ModelError, ToolchainError
from zerotap.firmware import Graph, Oracle, analyse, find_compiler, plan, read_tflite
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.options import BuildOptions
from zerotap.firmware.simulation.program import MODEL_NAME, Program, harness_file, link
from zerotap.firmware.simulation.running import run_samples
from zerotap.firmware.simulation.toolchain import Compiler

SAMPLES = 60
MOST_SLOWDOWN = 1.1  # of -Os over -O2: the hot loops are assembly
README = Path(__file__).with_name("README.md")


@dataclass(frozen=True)
class Variant:
    """One way to make a program of a model: what generate() is asked for, and the compiler's options."""

    engine: str
    optimise: str
    options: tuple[str, ...] = ()


SPEED, SPEED_OS = Variant("zerotap", "speed"), Variant("zerotap -Os", "speed", ("-Os",))
SIZE, SIZE_OS = Variant("zerotap, size", "size"), Variant("zerotap, size, -Os", "size", ("-Os",))
PLAIN = Variant("its plain C", "speed", ("-DZEROTAP_PORTABLE",))
EMLEARN = "emlearn"


@dataclass(frozen=True)
class Result:
    """One program: cycles of the fastest and slowest sample, bytes added to an empty program.

    ``mismatches``: samples whose outputs are not the oracle's; None for emlearn, which computes in float.
    ``kernels`` of the layers, and what `zerotap analyse` states for them: 0 where it states nothing.
    """

    model: str
    engine: str
    compiler: str
    cycles: int
    cycles_max: int
    flash: int
    ram: int
    stack: int
    mismatches: int | None
    oracle: str = ""
    kernels: tuple[str, ...] = ()
    stated_cycles: int = 0
    stated_flash: int = 0

    @property
    def cycles_per_mac(self) -> float:
        return self.cycles_max / models.MACS[self.model]


@dataclass(frozen=True)
class Subject:
    """A model read, the samples that it is measured with, and what the oracle says to them."""

    name: str
    graph: Graph
    samples: np.ndarray
    expected: np.ndarray
    oracle: str


def subject(name: str) -> Subject:
    content = models.MODELS[name]()
    oracle, samples = Oracle(content), models.inputs(name, SAMPLES)
    return Subject(name, read_tflite(content), samples, oracle.invoke(samples), oracle.name)


def measure(model: Subject, variant: Variant, compiler: Compiler) -> Result:
    """Link a model, run every sample, compare with the oracle."""
    planned = plan(model.graph, BuildOptions(optimise=variant.optimise))
    stated = analyse(planned)
    program = _link(model, generate_plan(planned, MODEL_NAME), compiler, variant.options)
    empty = _link(model, {"empty.c": harness_file("empty.c")}, compiler, variant.options)
    outputs, runs = run_samples(program, model.samples, model.expected.shape[1])
    return Result(
        model=model.name,
        engine=variant.engine,
        compiler=compiler.name,
        cycles=min(run.cycles for run in runs),
        cycles_max=max(run.cycles for run in runs),
        flash=program.flash_bytes - empty.flash_bytes,
        ram=program.ram_bytes - empty.ram_bytes,
        stack=max(run.stack_bytes for run in runs),
        mismatches=int(np.any(outputs != model.expected, axis=1).sum()),
        oracle=model.oracle,
        kernels=tuple(layer.choice.kernel for layer in planned.layers if not layer.alias),
        stated_cycles=stated.get("cycles", 0),
        stated_flash=stated.get("flash_bytes", 0),
    )


def _link(model: Subject, sources: dict[str, str], compiler: Compiler, options: tuple[str, ...]) -> Program:
    source = model.graph.tensors[model.graph.input]
    harness = {f"harness_{name}": harness_file(name) for name in ("startup.S", "main.c")}
    ends = f"-DINPUT_TYPE={source.dtype}_t", f"-DINPUT_SIZE={source.size}"
    output = "-DOUTPUT_TYPE=int8_t", f"-DOUTPUT_SIZE={model.expected.shape[1]}"
    return link({**harness, **sources}, compiler, (*ends, *output, *options))


def measure_emlearn(name: str, compiler: Compiler) -> Result:
    """The same network in emlearn's float, whose outputs must be Keras' own."""
    model = {"M1": models.m1_network, "M2": models.m2_network}[name]()
    network = emlearn_network.build(model, compiler)
    samples = models.inputs(name, SAMPLES).astype(np.float32) / 128
    outputs, runs = emlearn_network.run(network, samples)
    assert np.allclose(outputs, model.predict(samples, verbose=0), atol=1e-4), (
        "emlearn computes another network"
    )
    cycles = [run.cycles for run in runs]
    stack = max(run.stack_bytes for run in runs)
    sizes = network.flash_bytes, network.ram_bytes, stack
    return Result(name, EMLEARN, compiler.name, min(cycles), max(cycles), *sizes, mismatches=None)


def compilers(names: tuple[str, ...]) -> list[Compiler]:
    found = []
    for name in names:
        try:
            found.append(find_compiler(name))
        except ToolchainError as error:
            _say(f"left out: {error}")
    return found


def measure_all(names: list[str], variants: tuple[Variant, ...], chosen: list[Compiler]) -> list[Result]:
    results = []
    for name in names:
        try:
            model = subject(name)
        except ModelError as error:
            _say(f"{name} is left out: {error}")
            continue
        for compiler in chosen:
            results += _measure_variants(model, variants, compiler)
    return results


def _measure_variants(model: Subject, variants: tuple[Variant, ...], compiler: Compiler) -> list[Result]:
    results = []
    for variant in variants:
        _say(f"{model.name} {variant.engine}, {compiler.name}")
        try:
            results.append(measure(model, variant, compiler))
        except (ModelError, ToolchainError) as error:
            _say(f"  left out: {error}")
    return results


def measure_others(names: list[str], chosen: list[Compiler]) -> list[Result]:
    """emlearn, where there is a compiler with a C library: it needs math.h."""
    with_library = [compiler for compiler in chosen if "gcc" in compiler.name]
    return [
        measure_emlearn(name, compiler) for name in names if name in ("M1", "M2") for compiler in with_library
    ]


def missed(names: list[str], results: list[Result]) -> list[str]:
    """What falls short of targets.py, with gcc -O2; wrong outputs and uneven cycles with either compiler."""
    ours = [result for result in results if result.engine != EMLEARN]
    faults = [fault for result in ours for fault in _always(result)]
    with_gcc = {(result.model, result.engine): result for result in ours if "gcc" in result.compiler}
    for name in names:
        if (name, SPEED.engine) not in with_gcc:
            faults.append(f"{name}: was not measured")
            continue
        faults += _below(name, with_gcc)
    return faults


def _always(result: Result) -> list[str]:
    place = f"{result.model} {result.engine}, {_compiler(result)}"
    # Plain C is what other cores run: its time is the compiler's choice.
    even = result.cycles == result.cycles_max or result.engine == PLAIN.engine
    bars = {
        f"{result.mismatches} of {SAMPLES} samples are not the oracle's": not result.mismatches,
        f"cycles from {result.cycles:,} to {result.cycles_max:,}: not constant": even,
    }
    return [f"{place}: {what}" for what, held in bars.items() if not held]


def _below(name: str, results: dict[tuple[str, str], Result]) -> list[str]:
    fast, reach = results[name, SPEED.engine], REACH[name]
    bars = [
        ("cycles", fast.cycles_max, reach.cycles),
        ("flash", fast.flash, reach.flash),
        ("RAM", fast.ram, reach.ram),
    ]
    if name in REACH_FLASH_OPTIMISED_FOR_SIZE and (name, SIZE.engine) in results:
        small = results[name, SIZE.engine]
        bars.append(("flash with optimise size", small.flash, REACH_FLASH_OPTIMISED_FOR_SIZE[name]))
    if (name, SPEED_OS.engine) in results:
        slow = results[name, SPEED_OS.engine]
        bars.append(("cycles with -Os", slow.cycles_max, round(MOST_SLOWDOWN * fast.cycles_max)))
    return [f"{name}: {what} {value:,}, to reach {most:,}" for what, value, most in bars if value > most]


def tables(names: list[str], results: list[Result]) -> str:
    """What README.md shows: ours beside others with gcc -O2, then every program."""
    return f"{_comparison(names, results)}\n\n{_every_program(results)}"


def _comparison(names: list[str], results: list[Result]) -> str:
    lines = [
        "| model | multiply-accumulates | zerotap | zerotap, size | its plain C | emlearn "
        "| best other (quoted) | TFLM + CMSIS-NN (quoted) | reach |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    with_gcc = {(result.model, result.engine): result for result in results if "gcc" in result.compiler}
    for name in names:
        engines = (SPEED.engine, SIZE.engine, PLAIN.engine, EMLEARN)
        measured = [_figures(_of(with_gcc.get((name, engine)))) for engine in engines]
        quoted = [_figures(figures.get(name)) for figures in (BEST_OTHER, TFLM_WITH_CMSIS_NN, REACH)]
        first = f"{name} {models.SHAPES[name]} | {models.MACS[name]:,}"
        lines.append(f"| {first} | {' | '.join(measured + quoted)} |")
    return "\n".join(lines)


def _of(result: Result | None) -> Figures | None:
    return None if result is None else Figures(result.cycles_max, result.flash, result.ram)


def _figures(figures: Figures | None) -> str:
    return "-" if figures is None else " · ".join(f"{value:,}" for value in figures)


def _every_program(results: list[Result]) -> str:
    lines = [
        "| model | engine | compiler | cycles | at most | stated | cycles/MAC | flash, B | RAM, B | stack, B "
        "| mismatches |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for result in results:
        figures = (result.cycles, result.cycles_max, _stated(result), round(result.cycles_per_mac, 2))
        sizes = (result.flash, result.ram, result.stack)
        numbers = " | ".join(
            value if isinstance(value, str) else f"{value:,}" for value in (*figures, *sizes)
        )
        wrong = "float" if result.mismatches is None else result.mismatches
        lines.append(f"| {result.model} | {result.engine} | {_compiler(result)} | {numbers} | {wrong} |")
    return "\n".join(lines)


def _stated(result: Result) -> str:
    """How far `zerotap analyse` is off, which speaks of gcc -O2."""
    told = result.engine in (SPEED.engine, SIZE.engine) and "gcc" in result.compiler and result.stated_cycles
    return f"{result.stated_cycles / result.cycles_max - 1:+.1%}" if told else ""


def _compiler(result: Result) -> str:
    return result.compiler.replace("-O2", "-Os") if "-Os" in result.engine else result.compiler


def write(names: list[str], results: list[Result]) -> None:
    """Write results.json and the part of README.md between its markers."""
    packages = ("zerotap", "tensorflow", "keras", "tf_keras", "emlearn", "numpy", "unicorn")
    versions = {"python": platform.python_version(), **{name: version(name) for name in packages}}
    rows = [asdict(replace(result, compiler=_compiler(result))) for result in results]
    content = {"versions": versions, "samples": SAMPLES, "macs": models.MACS, "results": rows}
    Path(__file__).with_name("results.json").write_text(
        json.dumps(content, indent=1) + "\n", encoding="utf-8"
    )
    fill_readme("measured", tables(names, results))


def fill_readme(mark: str, text: str) -> None:
    """Put ``text`` between README.md's comments ``mark`` and "end"."""
    filled, count = re.subn(
        rf"(<!-- {mark} -->\n).*?(<!-- end -->)",
        lambda match: f"{match[1]}{text}\n{match[2]}",
        README.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    assert count == 1, f"README.md has lost its mark {mark}"
    README.write_text(filled, encoding="utf-8")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Measure and print; with --check end with 1 where a target is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", metavar="MODEL", help="M1 to M6, else all")
    parser.add_argument("--check", action="store_true", help="ours with gcc alone, against the targets")
    arguments = parser.parse_args()
    names = arguments.models or list(models.MODELS)
    if unknown := set(names) - set(models.MODELS):
        parser.error(f"no model {', '.join(sorted(unknown))}: there are {', '.join(models.MODELS)}")
    if arguments.check:
        results = measure_all(names, (SPEED, SPEED_OS, SIZE), compilers(("gcc",)))
        print(_every_program(results))
        sys.exit("\n".join(missed(names, results)) or 0)
    chosen = compilers(("gcc", "zig"))
    results = measure_all(names, (SPEED, SPEED_OS, SIZE, SIZE_OS, PLAIN), chosen) + measure_others(
        names, chosen
    )
    print(tables(names, results))
    if names == list(models.MODELS):
        write(names, results)
    print("\n".join(missed(names, results)), file=sys.stderr)


if __name__ == "__main__":
    main()
