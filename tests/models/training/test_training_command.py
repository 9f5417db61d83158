"""`zerotap train` with the options of a training: what it prints, writes and leaves behind."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from zerotap.capture import generate_corpus, type_corpus
from zerotap.errors import ModelError
from zerotap.models import commands, load_trained
from zerotap.models.training import checkpoints
from zerotap.models.training.augmentation import Mover


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("typed") / "moods"
    type_corpus(generate_corpus(40, 0), folder, seed=0, synthetic=True)
    return folder


def run(*arguments):
    return CliRunner().invoke(commands.train, [str(each) for each in arguments], catch_exceptions=False)


def test_seeds_and_folds_are_reported_and_kept_beside_the_model(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "EVERY_S", 0.0)
    out = tmp_path / "model"
    asked = ("--dataset", dataset, "--model", "dense", "--out", out, "--seeds", 3, "--folds", 2)
    done = run(*asked, "--steps", 20, "--class-weight", "calm=2", "--json")
    report = json.loads(done.stdout)
    assert [one["seed"] for one in report["seeds"]["each"]] == [0, 1, 2]
    kept = report["seeds"]["kept"]
    shares = [one["macro_f1"] for one in report["seeds"]["each"]]
    assert report["seeds"]["macro_f1_mean"] == pytest.approx(np.mean(shares))
    assert report["seeds"]["macro_f1_worst"] == min(shares)
    assert len(report["folds"]["each"]) == 2
    assert sum(one["recordings"] for one in report["folds"]["each"]) == 32
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["seeds"] == report["seeds"] and metrics["folds"] == report["folds"]
    curves = json.loads((out / "curves.json").read_text())
    loaded = load_trained(out)
    assert loaded.facts.seed == kept and loaded.facts.epochs == len(curves["loss"]) == len(curves["val_loss"])
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_what_cannot_be_used_is_one_sentence_before_the_work(dataset, tmp_path):
    asked = ("--dataset", dataset, "--out", tmp_path / "model")
    with pytest.raises(ModelError, match="reads ids"):
        run(*asked, "--model", "text", "--augment", "jitter=.1")
    with pytest.raises(ModelError, match="give one of them"):
        run(*asked, "--model", "dense", "--epochs", 1, "--steps", 1)
    with pytest.raises(ModelError, match="choose of calm, tense"):
        run(*asked, "--model", "dense", "--class-weight", "spam=2")
    assert not any(tmp_path.iterdir())


def test_augmentation_is_measured_on_what_is_learnt_from_alone(dataset, tmp_path, monkeypatch):
    measured = []
    original = Mover.measured.__func__
    monkeypatch.setattr(
        Mover, "measured", classmethod(lambda cls, *given: measured.append(given) or original(cls, *given))
    )
    out = tmp_path / "model"
    asked = ("--dataset", dataset, "--out", out, "--model", "dense", "--steps", 2)
    assert run(*asked, "--augment", "jitter=.2,scale=.1,warp=.1").exit_code == 0
    ((augmentation, x, seed),) = measured
    assert (augmentation.jitter, seed) == (0.2, 0)
    assert len(x) < len(load_trained(out, dataset).train)
