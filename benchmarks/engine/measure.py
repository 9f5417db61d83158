"""Measure the engine on the simulated board: cycles, flash, RAM and stack of models, beside other engines.

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
from typing import Any

import emlearn_network
import numpy as np
from programs import EMLEARN, PLAIN, SIZE, SIZE_OS, SMALL, SPEED, SPEED_OS, WITHIN, Result, Variant
from tables import curve_table, every_program, tables
from targets import BEFORE, SMALLEST_FLASH

import models
from zerotap.errors import ModelError, ToolchainError
from zerotap.firmware import BuildOptions, Graph, Oracle, Plan, analyse, find_compiler, plan, read_tflite
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.linking import build
from zerotap.firmware.planning.curve import curve
from zerotap.firmware.simulation.program import MODEL_NAME, Program, harness_file, link
from zerotap.firmware.simulation.running import run_samples
from zerotap.firmware.simulation.toolchain import Compiler

SAMPLES = 60
FEWER_SAMPLES = {"demo": 16}  # it takes millions of cycles
MOST_SLOWDOWN = 1.1  # of -Os over -O2: the hot loops are assembly
README = Path(__file__).with_name("README.md")


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
    oracle, samples = Oracle(content), models.inputs(name, FEWER_SAMPLES.get(name, SAMPLES))
    return Subject(name, read_tflite(content), samples, oracle.invoke(samples), oracle.name)


def measure(model: Subject, variant: Variant, compiler: Compiler) -> Result:
    """Link a model, run every sample, compare with the oracle."""
    planned = _planned(model, variant, compiler)
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


def _planned(model: Subject, variant: Variant, compiler: Compiler) -> Plan:
    """The plan; one for a budget is as it was linked within it."""
    options = variant.asked(model.name)
    if variant.reach is None:
        return plan(model.graph, options)
    named = "gcc" if "gcc" in compiler.name else "zig"
    return build(model.graph, replace(options, compiler=named)).planned


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
        if variant.reach is not None and "gcc" not in compiler.name:
            continue  # targets are gcc's
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
    place = f"{result.model} {result.engine}, {result.compiled_by}"
    # Plain C is what other cores run: its time is the compiler's choice.
    even = result.cycles == result.cycles_max or result.engine == PLAIN.engine
    samples = FEWER_SAMPLES.get(result.model, SAMPLES)
    bars = {
        f"{result.mismatches} of {samples} samples are not the oracle's": not result.mismatches,
        f"cycles from {result.cycles:,} to {result.cycles_max:,}: not constant": even,
    }
    return [f"{place}: {what}" for what, held in bars.items() if not held]


def _below(name: str, results: dict[tuple[str, str], Result]) -> list[str]:
    """What one model falls short of: bars as (what, value, most)."""
    fast = results[name, SPEED.engine]
    bars = [("cycles", fast.cycles_max, BEFORE[name].cycles)]
    for variant in (WITHIN, SMALL):
        if variant.reach is not None and (found := results.get((name, variant.engine))):
            reach, place = variant.reach[name], variant.engine.removeprefix("zerotap, ")
            bars.append((f"cycles {place}", found.cycles_max, reach.cycles))
            bars.append((f"flash {place}", found.flash, reach.flash))
    if name in SMALLEST_FLASH and (small := results.get((name, SIZE.engine))):
        bars.append(("flash with optimise size", small.flash, SMALLEST_FLASH[name]))
    if slow := results.get((name, SPEED_OS.engine)):
        bars.append(("cycles with -Os", slow.cycles_max, round(MOST_SLOWDOWN * fast.cycles_max)))
    return [f"{name}: {what} {value:,}, to reach {most:,}" for what, value, most in bars if value > most]


def curves(names: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Of each model the plans from the smallest to the fastest on all of the board."""
    return {name: curve(read_tflite(models.MODELS[name]()), BuildOptions()) for name in names}


def write(names: list[str], results: list[Result]) -> None:
    """Write results.json and the parts of README.md between its markers."""
    packages = ("zerotap", "tensorflow", "keras", "tf_keras", "emlearn", "numpy", "unicorn")
    versions = {"python": platform.python_version(), **{name: version(name) for name in packages}}
    rows = [asdict(replace(result, compiler=result.compiled_by)) for result in results]
    points = curves(names)
    content = {
        "versions": versions,
        "samples": SAMPLES,
        "macs": models.MACS,
        "results": rows,
        "curves": points,
    }
    Path(__file__).with_name("results.json").write_text(
        json.dumps(content, indent=1) + "\n", encoding="utf-8"
    )
    fill_readme("measured", tables(names, results))
    fill_readme("curve", curve_table(points))


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
    parser.add_argument("models", nargs="*", metavar="MODEL", help="M1 to M6, demo; else all")
    parser.add_argument("--check", action="store_true", help="ours with gcc alone, against the targets")
    arguments = parser.parse_args()
    names = arguments.models or list(models.MODELS)
    if unknown := set(names) - set(models.MODELS):
        parser.error(f"no model {', '.join(sorted(unknown))}: there are {', '.join(models.MODELS)}")
    if arguments.check:
        results = measure_all(names, (SPEED, SPEED_OS, SIZE, WITHIN, SMALL), compilers(("gcc",)))
        print(every_program(results))
        sys.exit("\n".join(missed(names, results)) or 0)
    chosen = compilers(("gcc", "zig"))
    variants = (SPEED, SPEED_OS, SIZE, SIZE_OS, PLAIN, WITHIN, SMALL)
    results = measure_all(names, variants, chosen) + measure_others(names, chosen)
    print(tables(names, results))
    if names == list(models.MODELS):
        write(names, results)
    print("\n".join(missed(names, results)), file=sys.stderr)


if __name__ == "__main__":
    main()
