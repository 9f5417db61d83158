"""A dataset, a model's folder and pipelines that zerotap 0.1.0 wrote: they load, evaluate and export."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import zerotap
from zerotap.capture import Dataset
from zerotap.cli import cli
from zerotap.features import Pipeline
from zerotap.firmware import read_tflite
from zerotap.models import describe_model

OLD = Path(__file__).parents[1] / "data" / "zerotap-0.1"
# What `zerotap evaluate model --dataset moods --json` of 0.1.0 said of the float and the int8 model alike.
SCORES = {"accuracy": 0.5, "macro_f1": 0.5, "confusion": [[1, 1], [1, 1]], "recordings": 4}


def run(*arguments: object) -> str:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], catch_exceptions=False).stdout


def bits_of(path: Path) -> list[tuple]:
    """All of a .tflite but what its tensors are called: operators, shapes, types, scales and constants."""
    graph = read_tflite(path)

    def facts(index: int) -> tuple:
        tensor = graph.tensors[index]
        data = None if tensor.data is None else tensor.data.tobytes()
        return tensor.shape, tensor.dtype, tensor.scale.tobytes(), tensor.zero_point.tobytes(), data

    return [
        (each.name, each.version, str(each.options), list(map(facts, (*each.inputs, *each.outputs))))
        for each in graph.operators
    ]


def test_the_dataset_is_read() -> None:
    dataset = Dataset.open(OLD / "moods")
    assert dataset.classes == ("calm", "tense")
    assert dataset.synthetic
    assert sum(len(dataset.load(entry)) for entry in dataset.entries()) == 390
    assert run("text", OLD / "moods" / "recordings" / "message-000001.pcapng").strip() == "quiet walk"


def test_the_model_has_a_kind() -> None:
    described = describe_model(OLD / "model")
    assert (described["name"], described["kind"]) == ("text", "text")


def test_the_model_scores_as_it_did() -> None:
    report = json.loads(run("evaluate", OLD / "model", "--dataset", OLD / "moods", "--json"))
    assert report["kind"] == "text"
    for arithmetic in ("float", "int8"):
        assert {field: report[arithmetic][field] for field in SCORES} == SCORES


def test_the_model_is_quantised_to_the_same_bits_and_exported(tmp_path: Path) -> None:
    run("quantise", OLD / "model", "--dataset", OLD / "moods", "--out", tmp_path / "again.tflite")
    assert bits_of(tmp_path / "again.tflite") == bits_of(OLD / "model" / "model.tflite")
    run("export", OLD / "model", "--out", tmp_path / "OldNet", "--name", "old", "--compiler", "zig")
    assert (tmp_path / "OldNet" / "src" / "old_push.h").is_file()


def test_the_model_is_built_and_verified_from_python(tmp_path: Path) -> None:
    library = zerotap.build(OLD / "model", tmp_path / "OldNet", name="old", dataset=OLD / "moods")
    assert library.report["mismatches"] == 0


@pytest.mark.parametrize(("name", "shape"), [("keys", (12, 12)), ("motion", (6,))])
def test_a_pipeline_is_read_and_written_again(name: str, shape: tuple[int, ...]) -> None:
    text = (OLD / f"{name}.toml").read_text(encoding="utf-8")
    pipeline = Pipeline.from_toml(text)
    assert pipeline.input_shape == shape
    assert Pipeline.from_toml(pipeline.to_toml()) == pipeline


def test_a_pipeline_trains_on_the_dataset(tmp_path: Path) -> None:
    dataset = shutil.copytree(OLD / "moods", tmp_path / "moods")
    pipeline = Pipeline.from_toml((OLD / "keys.toml").read_text(encoding="utf-8"))
    trained = zerotap.train(Dataset.open(dataset), "dense", pipeline=pipeline, epochs=1)
    assert trained.kind == "raw"
    # Behind the byte of time a channel for each of eight modifiers and three keys; some are down.
    assert set(np.unique(trained.train.x[..., -11:])) == {0, 255}


def test_the_model_is_analysed_from_its_folder_its_file_or_its_content() -> None:
    file = OLD / "model" / "model.tflite"
    report = zerotap.analyse(OLD / "model")
    assert report["layers"][0]["operator"] == "GATHER+MEAN"
    assert zerotap.analyse(str(file)) == report
    assert zerotap.analyse(file.read_bytes())["cycles"] == report["cycles"]
