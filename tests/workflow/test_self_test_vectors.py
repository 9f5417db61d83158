"""SelfTest holds recordings where whose they are agrees, of the training side, and none otherwise."""

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from drawn_forests import drawn_forest
from sketches import self_test

from zerotap.capture import Dataset, generate_corpus, type_corpus
from zerotap.cli import cli
from zerotap.errors import ModelError
from zerotap.features import Pipeline
from zerotap.features.integer_models import write_integer_model
from zerotap.features.transforms import CountWindows
from zerotap.models import cut_windows, split_recordings
from zerotap.reporting import no_progress
from zerotap.workflow import recorded_vectors

PIPELINE = Pipeline("keys", (CountWindows(6, 3),), "timed_reports", 8)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return type_corpus(generate_corpus(8, 0), tmp_path_factory.mktemp("data") / "typed\nonce", seed=0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("keys")
    write_integer_model(drawn_forest(1, inputs=72, trees=3, limits=(0, 255)), made)
    (made / "pipeline.toml").write_text(PIPELINE.to_toml())
    return made


def vectors_of(library: Path) -> str:
    return (library / "examples/SelfTest/vectors.h").read_text()


def export(folder: Path, out: Path, *more: str) -> str:
    """What the command says on stderr."""
    result = CliRunner().invoke(cli, ["export", str(folder), "--out", str(out), "--name", "keys", *more])
    assert result.exit_code == 0, result.output
    return result.stderr


def test_they_are_in_it_by_consent_alone(folder: Path, dataset: Dataset, tmp_path: Path) -> None:
    train, test = cut_windows(split_recordings(dataset, no_progress), PIPELINE, no_progress)
    said = export(folder, tmp_path / "with", "--with-recordings", str(dataset.path))
    assert "whoever gets the library can read them" in said
    refused = CliRunner().invoke(
        cli,
        ["export", str(folder), "--out", str(tmp_path / "x"), "--name", "keys", "--with-recordings", "no"],
    )
    assert refused.exit_code == 1 and "can read them" not in refused.stderr
    text = vectors_of(tmp_path / "with")
    assert "windows of the recordings of typed?once" in text.splitlines()[1]
    rows = re.search(r"inputs\[VECTORS\]\[72\] = \{\n(.*?)\n\};", text, re.DOTALL)
    assert rows
    held = [[int(each) for each in re.findall(r"-?\d+", row)] for row in rows[1].splitlines()]
    known = {tuple(row) for row in train.x.reshape(len(train.x), -1).tolist()}
    unknown = {tuple(row) for row in test.x.reshape(len(test.x), -1).tolist()}
    assert len(held) == 4 and all(tuple(row) in known for row in held)
    assert not any(tuple(row) in unknown for row in held)
    assert self_test(tmp_path / "with", tmp_path)[-1].startswith("keys: PASS, CRC ")
    export(folder, tmp_path / "without")
    assert "random inputs (seed 0)" in vectors_of(tmp_path / "without")


def test_items_are_those_of_one_training_recording(folder: Path, dataset: Dataset) -> None:
    recorded = recorded_vectors(folder, dataset)
    assert recorded.items is not None and recorded.source == dataset.path.name
    first = split_recordings(dataset, no_progress).train[0][0]
    assert np.array_equal(recorded.items, PIPELINE.pieces(first)[0])


def test_a_model_without_its_pipeline_cuts_none(dataset: Dataset, tmp_path: Path) -> None:
    write_integer_model(drawn_forest(1, inputs=72, trees=3, limits=(0, 255)), tmp_path)
    with pytest.raises(ModelError, match="no pipeline to cut recordings with: give a model's folder"):
        recorded_vectors(tmp_path, dataset)
