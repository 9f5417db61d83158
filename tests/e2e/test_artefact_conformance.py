"""A folder of every kind of model goes through every verb, by both compilers, and is equal to its oracle."""

import itertools
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from sketches import self_test

from zerotap.capture import generate_corpus, type_corpus
from zerotap.cli import cli
from zerotap.errors import DoesNotFitError
from zerotap.firmware import BuildOptions, artefact_files, open_artefact
from zerotap.models import load_trained
from zerotap.workflow import build, compare

MAKERS = {"model.tflite": "dense", "table.npz": "linear", "forest.npz": "forest"}
"""A family that trains each kind."""
ORACLES = {"model.tflite": "tflite 2.21"}
ZIG = BuildOptions(compiler="zig")
BOTH = ["zig", pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc"))]


@dataclass(frozen=True)
class Made:
    kind: str
    folder: Path
    dataset: Path

    @property
    def is_integer(self) -> bool:
        return self.kind.endswith(".npz")


def run(*arguments: object) -> dict:
    result = CliRunner().invoke(cli, [*map(str, arguments), "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("typed") / "moods"
    type_corpus(generate_corpus(60, 0), folder, seed=0, synthetic=True)
    return folder


@pytest.fixture(scope="module", params=MAKERS)
def made(request: pytest.FixtureRequest, dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    one = Made(request.param, tmp_path_factory.mktemp("models") / "model", dataset)
    more = [] if one.is_integer else ["--epochs", 1]
    run("train", "--dataset", dataset, "--model", MAKERS[one.kind], "--out", one.folder, *more)
    report = run("quantise", one.folder, "--dataset", dataset)
    assert ("needs no quantising" in report.get("note", "")) == one.is_integer
    return one


def test_every_kind_has_a_maker() -> None:
    assert set(MAKERS) == set(artefact_files())


def test_the_folder_says_what_it_is(made: Made) -> None:
    files = {path.name for path in made.folder.iterdir()}
    assert {made.kind, "model.toml", "pipeline.toml"} <= files
    assert files.isdisjoint(set(artefact_files()) - {made.kind})


def test_analyse(made: Made) -> None:
    report = run("analyse", made.folder)
    exact = ("weight_bytes", "flash_bytes", "ram_total_bytes", "cycles")
    assert all(report[key] > 0 for key in exact)
    assert report["flash_bytes"] == report["weight_bytes"] + report["code_bytes"]


def test_the_curve_ends_with_what_is_chosen(made: Made) -> None:
    report = run("analyse", made.folder, "--curve")
    points = report["curve"]
    assert points[-1] == {key: report[key] for key in points[-1]}
    assert all(one["flash_bytes"] < two["flash_bytes"] for one, two in itertools.pairwise(points))
    assert ("cycles_per_id" in points[-1]) == (report.get("takes") == "ids")
    small = run("analyse", made.folder, "--curve", "--optimise", "size")
    assert small["curve"] == points and small["flash_bytes"] == points[0]["flash_bytes"]


def test_evaluate(made: Made) -> None:
    report = run("evaluate", made.folder, "--dataset", made.dataset)
    assert ("int32" in report, "int8" in report) == (made.is_integer, not made.is_integer)
    assert report["int32" if made.is_integer else "int8"]["recordings"] >= 10


@pytest.mark.parametrize("compiler", BOTH)
def test_verify(made: Made, compiler: str) -> None:
    report = run("verify", made.folder, "--dataset", made.dataset, "--compiler", compiler)
    assert (report["mismatches"], report.get("pushed_mismatches", 0)) == (0, 0)
    assert report["samples"] >= 10
    assert report["oracle"].startswith(ORACLES.get(made.kind, "NumPy integer form"))
    assert compiler in report["compiler"]
    assert ("pushed" in report) == made.is_integer
    assert not made.is_integer or (report["pushed"] >= 3 and report["pushed_results"] >= 3)
    modelled = run("analyse", made.folder)
    if compiler == "gcc":
        assert modelled["flash_bytes"] == pytest.approx(report["flash_bytes"], rel=0.05, abs=96)
    assert report["stack_bytes"] <= report["stack_bound_bytes"]


def test_the_file_alone_is_verified_on_drawn_inputs(made: Made) -> None:
    report = run("verify", made.folder / made.kind, "--compiler", "zig")
    assert (report["samples"], report["mismatches"]) == (32, 0)


def test_export_full_and_bare(made: Made, tmp_path: Path) -> None:
    report = run("export", made.folder, "--out", tmp_path / "lib", "--name", "mood", "--compiler", "zig")
    assert report["inferences"] >= 1 and report["cycles_max"] >= report["cycles_mean"] > 0
    header = (tmp_path / "lib/src/mood.h").read_text()
    assert f"typedef {'int32_t' if made.is_integer else 'int8_t'} mood_SCORE;" in header
    windows, items, verdict = self_test(tmp_path / "lib", tmp_path)
    assert windows.startswith("windows: 0 of 4 differ, ") and items.startswith("items: 0 of ")
    assert verdict.startswith("mood: PASS, CRC ")
    bare = ["--bare", "--name", "mood", "--compiler", "zig"]
    run("export", made.folder / made.kind, "--out", tmp_path / "bare", *bare)
    assert {"mood.h", "mood.c"} <= {path.name for path in (tmp_path / "bare").iterdir()}
    assert not (tmp_path / "bare" / "mood_push.h").exists()


@pytest.mark.parametrize(
    "made",
    # A .tflite is planned again by tests/firmware/generation/test_push_code.py too; a forest takes a minute.
    [pytest.param(kind, marks=[pytest.mark.thorough] if kind != "table.npz" else []) for kind in MAKERS],
    indirect=True,
)
def test_a_library_is_planned_within_what_its_stages_leave(made: Made, tmp_path: Path) -> None:
    """What is exported is what was verified: the model's flash is less, too."""
    free = build(made.folder, tmp_path / "free", name="mood", options=ZIG).report
    fastest = free["push"]["flash_bytes"]
    options = replace(ZIG, budget=replace(ZIG.limits, flash_bytes=fastest - 1))
    if len(open_artefact(made.folder, ZIG).curve()) > 1:
        tight = build(made.folder, tmp_path / "tight", name="mood", options=options).report
        assert tight["push"]["flash_bytes"] < fastest and tight["flash_bytes"] < free["flash_bytes"]
    else:
        with pytest.raises(DoesNotFitError, match=f"stages takes {fastest:,} B of flash"):
            build(made.folder, tmp_path / "tight", name="mood", options=options)


@pytest.mark.parametrize(
    "made",
    # A forest is built by tests/models/families/raw/test_forest.py too.
    [pytest.param(kind, marks=[pytest.mark.thorough] if kind == "forest.npz" else []) for kind in MAKERS],
    indirect=True,
)
def test_build_a_folder_and_what_was_trained(made: Made, tmp_path: Path) -> None:
    on_data = build(made.folder, tmp_path / "one", name="mood", dataset=made.dataset, options=ZIG)
    trained = load_trained(made.folder, made.dataset)
    of_trained = build(trained, tmp_path / "two", name="mood", options=ZIG)
    assert on_data.report["mismatches"] == of_trained.report["mismatches"] == 0
    assert on_data.report["samples"] == of_trained.report["samples"] == len(trained.test)
    texts = [(tmp_path / each / "src/mood.c").read_text() for each in ("one", "two")]
    assert texts[0] == texts[1]
    assert of_trained.report["push"]["inferences"] >= 1


@pytest.mark.thorough
def test_compare_puts_every_kind_on_one_board(dataset: Path, tmp_path: Path) -> None:
    names = list(MAKERS.values())
    comparison = compare(dataset, tmp_path / "out", names, ZIG, seeds=1)
    assert [row.name for row in comparison.models] == names
    assert [row.mismatches for row in comparison.models] == [0] * len(names)
    for row, kind in zip(comparison.models, MAKERS, strict=True):
        folder = tmp_path / "out" / row.name
        assert (folder / kind).is_file()
        assert (folder / "arduino/src" / f"{row.name}_model.h").is_file()
        assert row.oracle.startswith(ORACLES.get(kind, "NumPy integer form"))
        assert np.isfinite(row.scores.board.macro_f1) and row.costs.flash_bytes > 0
        outputs = open_artefact(folder).drawn(2, 0)
        assert len(outputs) == 2
