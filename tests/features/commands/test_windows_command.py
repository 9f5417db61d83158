"""`zerotap windows`: the file holds what a model is trained on, as verify and quantise read it."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import tomli_w
from click.testing import CliRunner

from zerotap.capture import Dataset, type_messages
from zerotap.cli import cli
from zerotap.errors import CaptureError, FeatureError, ModelError, OutputError
from zerotap.features import Pipeline
from zerotap.features.transforms import CountWindows, Narrow, RangeScale, Statistics
from zerotap.firmware import quantise_input
from zerotap.firmware.graph import Tensor
from zerotap.models import split_windows
from zerotap.models.trained import FACTS_FILE, PIPELINE_FILE, Facts

TEXTS = {"calm": "all is well", "tense": "hurry up now"}
RAW = Pipeline.raw("raw", length=8, hop=4)


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """A folder with the dataset `moods` and raw.toml, a pipeline of reports."""
    monkeypatch.chdir(tmp_path)
    rows = [f"{label},{text} {n * 'o'}" for label, text in TEXTS.items() for n in range(6)]
    Path("messages.csv").write_text("\n".join(["label,text", *rows]) + "\n")
    type_messages("messages.csv", "moods")
    Path("raw.toml").write_text(RAW.to_toml())
    return tmp_path


def write(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["windows", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def model_folder(classes: tuple[str, ...]) -> Path:
    """A trained model's two TOML files, without its weights."""
    folder = Path("model")
    folder.mkdir()
    (folder / PIPELINE_FILE).write_text(RAW.to_toml())
    facts = Facts("conv", classes, True, 0, 1, 1, "")
    (folder / FACTS_FILE).write_text(tomli_w.dumps(dataclasses.asdict(facts)))
    return folder


def test_the_test_side_as_a_model_of_bytes_takes_it(here):
    report = json.loads(write("moods", "--pipeline", "raw.toml", "--out", "x.npy", "--json"))
    _, test, note = split_windows(Dataset.open(Path("moods")), RAW)
    written = np.load("x.npy")
    assert written.dtype == np.float32
    assert np.array_equal(written, test.x.astype(np.float32) / np.float32(255))
    byte_input = Tensor(0, "in", (1, 8, 8), "int8", np.array([np.float32(1 / 255)]), np.array([-128]))
    assert np.array_equal(quantise_input(written, byte_input), (test.x ^ 128).view(np.int8))
    assert report["windows"] == len(test)
    assert report["shape"] == [8, 8]
    assert report["dtype"] == "float32"
    assert report["classes"] == dict(zip(("calm", "tense"), np.bincount(test.y).tolist(), strict=True))
    assert (report["type"], report["side"], report["split"]) == ("windows", "test", note)


def test_sides_are_those_of_training_and_labels_go_with_them(here):
    sides = {}
    for side in ("train", "test", "all"):
        out, labels = f"{side}.npy", f"{side}-y.npy"
        write("moods", "--pipeline", "raw.toml", "--out", out, "--labels", labels, "--side", side)
        sides[side] = np.load(out), np.load(labels)
        assert len(sides[side][0]) == len(sides[side][1])
        assert sides[side][1].dtype == np.int64
    train, _, _ = split_windows(Dataset.open(Path("moods")), RAW)
    assert np.array_equal(sides["train"][1], train.y)
    assert len(sides["all"][0]) == len(sides["train"][0]) + len(sides["test"][0])


def test_word_ids_stay_what_they_are(here):
    pipeline = Pipeline.text("text", length=4, hop=4, buckets=100)
    Path("text.toml").write_text(pipeline.to_toml())
    write("moods", "--pipeline", "text.toml", "--out", "x.npy", "--side", "train")
    train, _, _ = split_windows(Dataset.open(Path("moods")), pipeline)
    assert np.load("x.npy").dtype == np.int32
    assert np.array_equal(np.load("x.npy"), train.x)


def test_a_model_s_folder_is_a_pipeline_and_the_next_command_verifies_it(here):
    model = model_folder(("calm", "tense"))
    result = CliRunner().invoke(cli, ["windows", "moods", "--pipeline", str(model), "--out", "x.npy"])
    assert result.exit_code == 0
    assert "Next: zerotap verify model/model.tflite --samples x.npy" in result.stderr
    assert result.stdout.startswith("x.npy: ")
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_a_name_without_its_suffix_is_kept(here):
    write("moods", "--pipeline", "raw.toml", "--out", "x", "-q")
    assert np.load("x").shape[1:] == (8, 8)


def test_one_name_for_both_files_is_refused(here):
    given = ["windows", "moods", "--pipeline", "raw.toml", "--out", "x.npy", "--labels", "./x.npy"]
    result = CliRunner().invoke(cli, given)
    assert result.exit_code == 2
    assert "the same file" in result.stderr
    assert not Path("x.npy").exists()


def other_classes(_: Path) -> list[str]:
    return ["moods", "--pipeline", str(model_folder(("idle", "walk"))), "--out", "x.npy"]


def no_dataset(_: Path) -> list[str]:
    return ["nowhere", "--pipeline", "raw.toml", "--out", "x.npy"]


def no_pipeline(_: Path) -> list[str]:
    return ["moods", "--pipeline", "no.toml", "--out", "x.npy"]


def wrong_pipeline(here: Path) -> list[str]:
    (here / "wrong.toml").write_text('name = "a"\nstages = [{transform = "windows", length = 4}]')
    return ["moods", "--pipeline", "wrong.toml", "--out", "x.npy"]


def out_is_there(here: Path) -> list[str]:
    (here / "old.npy").write_text("mine")
    return ["moods", "--pipeline", "raw.toml", "--out", "old.npy"]


def labels_are_there(here: Path) -> list[str]:
    (here / "old.npy").write_text("mine")
    return ["moods", "--pipeline", "raw.toml", "--out", "x.npy", "--labels", "old.npy"]


def other_input(here: Path) -> list[str]:
    stages = (CountWindows(4, 4), Statistics(("mean",)), Narrow(0), RangeScale((0,), (1,)))
    (here / "motion.toml").write_text(Pipeline("motion", stages, "frames", 6).to_toml())
    return ["moods", "--pipeline", "motion.toml", "--out", "x.npy"]


def int16_windows(here: Path) -> list[str]:
    (here / "samples.toml").write_text(Pipeline("s", (CountWindows(4, 4),), "samples", 8).to_toml())
    return ["moods", "--pipeline", "samples.toml", "--out", "x.npy"]


@pytest.mark.parametrize(
    ("case", "kind", "said"),
    [
        (other_classes, ModelError, "idle, walk apart, moods has calm, tense"),
        (no_dataset, CaptureError, "nowhere"),
        (no_pipeline, FeatureError, r"no\.toml cannot be read"),
        (wrong_pipeline, FeatureError, r"wrong\.toml: stage 1 \(windows\): hop is missing"),
        (out_is_there, OutputError, r"old\.npy exists"),
        (labels_are_there, OutputError, r"old\.npy exists"),
        (other_input, FeatureError, 'give a --pipeline with source = "reports" and report_bytes = 8'),
        (int16_windows, ModelError, "end the pipeline with range_scale"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_no_file(here, case, kind, said):
    arguments = case(here)
    before = {path: path.read_bytes() for path in here.glob("*.npy")}
    with pytest.raises(kind, match=said):
        CliRunner().invoke(cli, ["windows", *arguments], catch_exceptions=False)
    assert {path: path.read_bytes() for path in here.glob("*.npy")} == before
    assert not list(here.glob(".zerotap-*"))
