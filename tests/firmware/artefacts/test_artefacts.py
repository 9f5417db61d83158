"""Integer models of both ways to be called: analysed, linked, verified, exported; bad ones told."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from zerotap.cli import cli
from zerotap.errors import DoesNotFitError, ModelError, NotExactError
from zerotap.features import Pipeline, write_integer_model
from zerotap.firmware import BuildOptions, open_artefact, verify
from zerotap.firmware.artefacts.integer_model import ORACLE
from zerotap.firmware.options import Budget
from zerotap.workflow import analyse as analyse_model
from zerotap.workflow import quantise_file

ZIG = BuildOptions(compiler="zig")
BOTH = ["zig", pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc"))]


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, list(map(str, arguments)))


@pytest.mark.parametrize("compiler", BOTH)
def test_every_score_is_that_of_the_numpy_form(
    kind: str, folder: Path, pipeline: Pipeline, model_of, compiler: str
) -> None:
    options = BuildOptions(compiler=compiler)
    artefact, model = open_artefact(folder, options), model_of(kind)
    inputs = artefact.drawn(20, 3)
    pushed = [pipeline.draw(60, seed) for seed in range(2)]
    found = verify(folder, inputs, options, recordings=pushed)
    assert (found.samples, found.mismatches, found.oracle) == (20, 0, ORACLE)
    assert (found.pushed, found.pushed_mismatches) == (2, 0)
    assert found.pushed_results == (2 if kind == "tiny.npz" else 60)
    assert np.array_equal(found.outputs, model.scores(inputs))
    assert found.outputs.dtype == np.int32 and len(np.unique(found.outputs)) > 10
    assert (found.output_scale, found.output_zero_point) == (model.scale, 0)
    assert compiler in found.report["compiler"]
    assert 0 < found.stack_bytes <= found.stack_bound_bytes
    if kind == "tiny.npz":
        assert found.constant_time and found.cycles < found.cycles_max
        assert found.cycles_per_id and 10 < found.cycles_per_id < 200
        assert found.flash_bytes > model.weights.nbytes and found.ram_bytes in (12, 16)
    else:
        assert not found.constant_time and found.cycles_per_id is None
        assert found.cycles_min <= found.cycles <= found.cycles_max <= found.worst_modelled


def test_constant_time_and_size_choose_other_kernels(model_of, tmp_path: Path) -> None:
    file = write_integer_model(model_of("rows.npz"), tmp_path)
    kernels = {
        one: analyse_model(file, one)["kernel"]
        for one in (ZIG, BuildOptions(constant_time=True), BuildOptions(optimise="size"))
    }
    assert list(kernels.values()) == ["branches", "products", "products"]
    assert verify(file, open_artefact(file).drawn(8, 0), replace(ZIG, constant_time=True)).constant_time
    result = _run("analyse", file, "--constant-time", "--json")
    assert json.loads(result.stdout)["kernel"] == "products"
    assert "--constant-time" in result.stderr.splitlines()[-1]
    with pytest.raises(ModelError, match="constant_time out"):
        BuildOptions(skip_zeros=True, constant_time=True)
    assert _run("analyse", file, "--constant-time", "--skip-zeros").exit_code == 2


def test_a_wrong_score_is_found_out(folder: Path, pipeline: Pipeline, monkeypatch) -> None:
    from zerotap.firmware.artefacts.integer_model import IntegerForm

    right = IntegerForm.invoke

    def wrong(self, samples):
        scores = right(self, samples)
        scores[-1, 0] += 1
        return scores

    monkeypatch.setattr(IntegerForm, "invoke", wrong)
    inputs, items = open_artefact(folder).drawn(6, 0), pipeline.draw(20)
    found = verify(folder, inputs, ZIG, recordings=[items])
    assert (found.mismatches, found.pushed_mismatches) == (1, 1)
    with pytest.raises(NotExactError, match="1 of 6 samples differ from NumPy integer form"):
        found.check(folder)
    with pytest.raises(NotExactError, match=r"1 of \d+ results of NAME_push differ"):
        replace(found, mismatches=0).check(folder)


def test_analyse_says_what_it_holds(folder: Path, kind: str) -> None:
    report = analyse_model(folder)
    assert (report["model"], report["oracle"]) == (kind, ORACLE)
    assert report["flash_bytes"] == report["weight_bytes"] + report["code_bytes"]
    result = _run("analyse", folder)
    assert result.exit_code == 0, result.output
    assert f"model    {kind}" in result.stdout and "ms on the board at 48 MHz" in result.stdout
    assert f"Next: zerotap verify {folder} --dataset DIR" in result.stderr
    small = _run("analyse", folder, "--flash", 100)
    assert isinstance(small.exception, DoesNotFitError)
    assert "train it with fewer" in str(small.exception)


def test_what_does_not_fit_is_told_as_linked(folder: Path) -> None:
    artefact = open_artefact(folder)
    for budget, memory in ((Budget(60, 32768), "flash"), (Budget(1 << 17, 40), "RAM")):
        with pytest.raises(DoesNotFitError, match=f"B more {memory} than the budget allows"):
            verify(folder, artefact.drawn(2, 0), replace(ZIG, budget=budget))


@pytest.mark.parametrize("option", [["--oracle", "tflm"], ["--skip-zeros"]])
def test_options_that_mean_nothing_to_it_are_refused(folder: Path, option: list[str]) -> None:
    result = _run("analyse", folder, *option)
    assert result.exit_code == 1
    assert "leave out" in str(result.exception)


def test_quantise_says_that_it_needs_none(folder: Path, kind: str) -> None:
    before = sorted(path.name for path in folder.iterdir())
    for model in (folder, folder / kind):
        result = _run("quantise", model)
        assert result.exit_code == 0, result.output
        assert result.stdout == f"{folder / kind} computes in integers already, and needs no quantising.\n"
        assert result.stderr.splitlines()[-1] == f"Next: zerotap analyse {model}"
    assert sorted(path.name for path in folder.iterdir()) == before
    with pytest.raises(ModelError, match="leave out where to and how"):
        quantise_file(folder, folder / "out.tflite")
    with pytest.raises(ModelError, match="leave out where to and how"):
        quantise_file(folder, weight_bits=4)


def test_a_folder_of_two_models_and_an_npz_of_another_name_are_told(model_of, tmp_path: Path) -> None:
    for kind in ("tiny.npz", "rows.npz"):
        write_integer_model(model_of(kind), tmp_path)
    with pytest.raises(
        ModelError, match=r"holds .*tiny\.npz and .*rows\.npz, and a model is one|remove what"
    ):
        open_artefact(tmp_path)
    (tmp_path / "rows.npz").rename(tmp_path / "mine.npz")
    with pytest.raises(ModelError, match=r"an \.npz that is one is called"):
        open_artefact(tmp_path / "mine.npz")


WRONG = {
    "no .npz": b"these are words",
    "a part": b"PK\3\4 and nothing",
    "a .keras": b"PK\3\4" + bytes(40),
}


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("verb", ["analyse", "verify", "export", "quantise"])
def test_a_bad_file_gives_one_clear_error(tmp_path: Path, content: bytes, verb: str) -> None:
    (tmp_path / "tiny.npz").write_bytes(content)
    more = {"export": ["--out", tmp_path / "lib", "--name", "x"]}.get(verb, [])
    result = _run(verb, tmp_path / "tiny.npz", *more)
    assert result.exit_code == 1, result.output
    assert "tiny.npz" in str(result.exception) or "tiny.npz" in result.stderr
    assert isinstance(result.exception, ModelError | SystemExit)


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros((2, 16), np.float32),
        np.zeros((0, 16), np.int32),
        np.zeros(16, np.int32),
        np.full((2, 16), 1 << 40, np.int64),
        {"x": np.zeros((2, 16), np.int32)},
    ],
    ids=["float", "none", "flat", "beyond int32", "several"],
)
def test_other_samples_are_refused_before_linking(folder: Path, samples) -> None:
    with pytest.raises(ModelError, match=r"the samples for .*npz"):
        verify(folder, samples, BuildOptions(compiler="none such"))


def test_features_of_another_number_or_range_are_refused(model_of, tmp_path: Path) -> None:
    file = write_integer_model(model_of("rows.npz"), tmp_path)
    with pytest.raises(ModelError, match=r"integers \(n, 16\)"):
        verify(file, np.zeros((2, 17), np.int32), ZIG)
    with pytest.raises(ModelError, match="within 2"):
        verify(file, np.full((2, 16), 1 << 25, np.int32), ZIG)


def test_nothing_at_all_is_a_text_and_no_window(folder: Path, kind: str, pipeline: Pipeline) -> None:
    """A recording without a packet gives a text's scores, and none where windows are cut."""
    inputs = open_artefact(folder).drawn(2, 0)
    inputs = inputs[:, :0] if kind == "tiny.npz" else inputs
    found = verify(folder, inputs, ZIG, recordings=[pipeline.draw(4)[:0], pipeline.draw(4)[:1]])
    assert (found.mismatches, found.pushed, found.pushed_mismatches) == (0, 2, 0)
    assert found.pushed_results == (2 if kind == "tiny.npz" else 1)
