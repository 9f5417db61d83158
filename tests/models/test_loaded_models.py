"""A model's folder from elsewhere: TensorFlow has it in its child process alone, from Python too."""

import sys
from pathlib import Path

import numpy as np
import pytest

from zerotap.capture import generate_corpus, type_corpus
from zerotap.errors import ModelError
from zerotap.firmware import BuildOptions
from zerotap.isolation import Limits, asking
from zerotap.models import Trained, evaluate, float_outputs, load_trained, train
from zerotap.workflow import build


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trained, Path]:
    """A model, and the folder of its dataset moods/ and itself, model/."""
    folder = tmp_path_factory.mktemp("loaded")
    dataset = type_corpus(generate_corpus(40, 0), folder / "moods", seed=0, synthetic=True)
    made = train(dataset, "text", epochs=1)
    made.save(folder / "model")
    return made, folder


@pytest.fixture
def no_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever imports TensorFlow or Keras in this process fails."""
    for name in [*sys.modules, "tensorflow", "keras"]:
        if name.partition(".")[0] in ("tensorflow", "keras"):
            monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.usefixtures("no_tensorflow")
def test_nothing_of_it_is_opened_in_this_process(trained, tmp_path: Path, monkeypatch) -> None:
    _, folder = trained
    monkeypatch.chdir(folder)
    loaded = load_trained("model", "moods")
    monkeypatch.chdir(tmp_path)
    scores = evaluate(loaded)
    assert scores.recordings == 8
    library = build(loaded, tmp_path / "Mood", name="mood", options=BuildOptions(compiler="zig"))
    assert library.report["mismatches"] == 0
    loaded.save(tmp_path / "copy")
    copied = (tmp_path / "copy" / "model.keras").read_bytes()
    assert copied == (folder / "model" / "model.keras").read_bytes()


def test_its_answers_are_those_of_the_model_that_was_saved(trained) -> None:
    made, folder = trained
    loaded = load_trained(folder / "model", folder / "moods")
    assert np.array_equal(float_outputs(loaded), float_outputs(made))
    assert evaluate(loaded) == evaluate(made)


def test_it_is_no_keras_model_to_train_on(trained) -> None:
    loaded = load_trained(trained[1] / "model")
    with pytest.raises(ModelError, match=r"model\.keras is opened in TensorFlow's child process alone"):
        loaded.model.fit()


def test_the_limits_hold_and_name_the_file(trained, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "TENSORFLOW", "tests")  # the other tests' child is kept
    loaded = load_trained(trained[1] / "model", trained[1] / "moods")
    with pytest.raises(ModelError, match=r"model\.keras: TensorFlow was stopped after 0\.1 s"):
        evaluate(loaded, isolation=Limits(seconds=0.1))
