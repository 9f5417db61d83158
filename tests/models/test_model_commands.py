"""The commands train, evaluate and compare, as a user calls them."""

import json

import pytest
from click.testing import CliRunner

from zerotap.capture import Dataset, generate_corpus, type_corpus
from zerotap.errors import CaptureError, FeatureError, ModelError, ZerotapError
from zerotap.features import Pipeline
from zerotap.features.transforms.count_window import CountWindows
from zerotap.features.transforms.key_bits import KeyBits
from zerotap.models import commands, read_comparison, read_evidence, train


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("typed") / "moods"
    type_corpus(generate_corpus(60, 0), folder, seed=0, synthetic=True)
    return folder


def run(command, *arguments):
    return (
        CliRunner().invoke(command, [str(argument) for argument in arguments], catch_exceptions=False).stdout
    )


@pytest.fixture(scope="module")
def compared(dataset, tmp_path_factory):
    out = tmp_path_factory.mktemp("compared") / "out"
    # Both in this process, which has TensorFlow already; several processes have tests of their own.
    arguments = (dataset, "--out", out, "--models", "text,dense", "--seeds", 1, "--jobs", 1, "--json")
    return out, json.loads(run(commands.compare, *arguments))


def test_of_a_network_on_windows_the_longest_pause_is_the_board_s(compared):
    """With what the board waits for its flash, as every other time: longer than its cycles alone."""
    out, _ = compared
    comparison = read_comparison(out)
    whole = read_evidence(out, comparison).ways["dense"].whole
    assert 1.05 < whole.pause_ms * comparison.models[1].clock_hz / 1000 / whole.cycles_max < 2


def test_train_writes_the_folder_that_evaluate_scores(dataset, tmp_path):
    model = tmp_path / "model"
    trained = run(
        commands.train, "--dataset", dataset, "--model", "text", "--out", model, "--epochs", 2, "--json"
    )
    evaluated = run(commands.evaluate, model, "--dataset", dataset, "--json")
    assert json.loads(trained) == json.loads(evaluated)
    assert json.loads(evaluated)["float"]["recordings"] == 12
    assert "macro-F1" in run(commands.evaluate, model, "--dataset", dataset)


def test_each_stage_is_a_line_and_the_next_command_the_last(dataset, tmp_path):
    model = tmp_path / "a model"
    arguments = ("--dataset", dataset, "--model", "text", "--out", model, "--epochs", 2)
    lines = CliRunner().invoke(commands.train, [str(a) for a in arguments], catch_exceptions=False).stderr
    assert lines.splitlines() == [
        "reading recordings ...",
        "cutting windows of text ...",
        "loading TensorFlow ...",
        "training text ...",
        "scoring ...",
        f"Next: zerotap quantise '{model}' --dataset {dataset}",
    ]
    quiet = CliRunner().invoke(commands.evaluate, [str(model), "--dataset", str(dataset), "--quiet"])
    assert (quiet.exit_code, quiet.stderr) == (0, "")
    assert "true class" in quiet.stdout


def test_evaluate_names_the_command_that_comes_next(compared, dataset):
    out, _ = compared
    shown = CliRunner().invoke(commands.evaluate, [str(out / "text"), "--dataset", str(dataset)]).stderr
    assert shown.splitlines()[-1] == f"Next: zerotap analyse {out / 'text'}"


def test_compare_writes_what_it_prints(compared):
    out, printed = compared
    assert json.loads((out / "report.json").read_text()) == printed
    assert [row["name"] for row in printed["models"]] == ["text", "dense"]
    assert [row["mismatches"] for row in printed["models"]] == [0, 0]
    assert all((out / name / "arduino" / "library.properties").is_file() for name in ("text", "dense"))


def test_evaluate_gives_the_int8_figures_of_the_comparison(compared, dataset):
    out, printed = compared
    for row in printed["models"]:
        scores = json.loads(run(commands.evaluate, out / row["name"], "--dataset", dataset, "--json"))
        assert scores["int8"] == row["scores"]["board"]
        assert scores["float"] == row["scores"]["float"]


def train_command(dataset, out, model):
    run(commands.train, "--dataset", dataset, "--out", out, "--model", model)


def compare_command(dataset, out, model):
    run(commands.compare, dataset, "--out", out, "--models", model)


@pytest.mark.parametrize(
    ("command", "taken"),
    [
        (train_command, "already holds something"),
        (compare_command, "holds other things"),
    ],
)
def test_nothing_is_overwritten_and_nothing_left_behind(command, taken, dataset, tmp_path):
    mine = tmp_path / "mine.txt"
    mine.write_text("keep")
    with pytest.raises(ZerotapError, match=taken):
        command(dataset, tmp_path, "text")
    with pytest.raises(ModelError, match="unknown"):
        command(dataset, tmp_path / "out", "transformer")
    with pytest.raises(CaptureError, match="no dataset"):
        command(tmp_path, tmp_path / "out", "text")
    assert list(tmp_path.iterdir()) == [mine]


def test_train_with_a_pipeline_of_one_s_own(dataset, tmp_path):
    pipeline = Pipeline("bits", (KeyBits((4, 8, 0x2C)), CountWindows(24, 24)))
    (tmp_path / "bits.toml").write_text(pipeline.to_toml())
    arguments = (
        "--dataset",
        dataset,
        "--model",
        "dense",
        "--epochs",
        1,
        "--pipeline",
        tmp_path / "bits.toml",
    )
    run(commands.train, *arguments, "--out", tmp_path / "model")
    assert Pipeline.from_toml((tmp_path / "model" / "pipeline.toml").read_text()) == pipeline
    with pytest.raises(ModelError, match=r"conv takes no windows of shape \(3, 8\)"):
        train(Dataset.open(dataset), "conv", pipeline=Pipeline.raw("short", 3, 3))
    (tmp_path / "bad.toml").write_text("name = 'x'")
    with pytest.raises(FeatureError, match=r"bad\.toml: this is no pipeline"):
        run(commands.train, *arguments[:-1], tmp_path / "bad.toml", "--out", tmp_path / "other")
