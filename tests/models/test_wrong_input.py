"""What training and model folders do not take is one sentence that names it."""

import zipfile
from pathlib import Path
from shutil import copytree

import pytest

from zerotap.errors import FeatureError, ModelError
from zerotap.models import load_trained, read_facts, train
from zerotap.models.keras_file import load_keras

OLD = Path(__file__).parents[1] / "data" / "zerotap-0.1"


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("seed = 0", "", "model.toml: it has no seed of type int"),
        ("seed = 0", "seed = 'x'", "model.toml: it has no seed of type int"),
        ('"calm"', "7", "model.toml: its classes are not all names"),
        ("seed = 0", "seed = 0\ncolour = 'red'", "a field colour"),
        ('"calm"', '"tense"', "are no names that differ"),
        ("seed = 0", "seed = 0\nhead = 'nope'", "head 'nope' is unknown"),
        ("seed = 0", "seed = 0\nscores = 'nope'", "scores are 'nope'"),
        ("seed = 0", "seed = 0\nfamily = 'nope'", "family is 'nope', none of dense, conv"),
        ("seed = 0", "seed = 0\nhead = 'binary'", "labels of its head binary"),
        ("seed = 0", "seed = 0\nhead = 'binary'\nlabels = ['mad']", "no class 'mad'"),
        ("seed = 0", "seed = 0\nhead = 'binary'\nlabels = ['calm']", "has 1 thresholds"),
        ("seed = 0", "seed = 0\nhead = 'binary'\nlabels = ['calm']\nthresholds = [nan]", "all finite"),
        (
            "seed = 0",
            "seed = 0\nhead = 'labels'\nlabels = ['calm']\nthresholds = [0.0]",
            "labels of its head",
        ),
        ("seed = 0", "seed = 0\nthresholds = [0.5]", "has 0 thresholds"),
    ],
)
def test_what_is_wrong_in_a_model_s_facts_is_named(tmp_path, was, becomes, said):
    copytree(OLD / "model", tmp_path / "model")
    path = tmp_path / "model" / "model.toml"
    content = path.read_text()
    assert was in content
    path.write_text(content.replace(was, becomes))
    with pytest.raises(ModelError, match=said) as told:
        read_facts(tmp_path / "model")
    assert str(told.value).startswith(f"{tmp_path / 'model'} is no trained model (model.toml: ")
    assert str(told.value).endswith("): make one with `zerotap train`")


@pytest.mark.parametrize("missing", ["model.toml", "pipeline.toml"])
def test_a_file_that_is_not_there_is_named(tmp_path, missing):
    copytree(OLD / "model", tmp_path / "model")
    (tmp_path / "model" / missing).unlink()
    with pytest.raises(ModelError, match=rf"is no trained model \(it has no {missing}\): make one with"):
        read_facts(tmp_path / "model")


@pytest.mark.parametrize(
    ("seed", "epochs", "said"),
    [(-1, None, "seed -1"), (2**32, None, "seed 4294967296"), ("x", None, "seed 'x'"), (0, 0, "0 epochs")],
)
def test_numbers_that_training_does_not_take_are_refused(seed, epochs, said):
    with pytest.raises(ModelError, match=said):
        train(OLD / "moods", "dense", seed=seed, epochs=epochs)


def test_folders_and_files_are_taken_by_their_paths(tmp_path):
    assert len(load_trained(str(OLD / "model"), str(OLD / "moods")).test) > 0
    (tmp_path / "wrong.toml").write_text("name = 3")
    with pytest.raises(FeatureError, match=r"wrong\.toml"):
        train(OLD / "moods", "dense", pipeline=tmp_path / "wrong.toml")


@pytest.mark.parametrize("kind", ["Lambda", "TFSMLayer"])
def test_keras_s_advice_to_run_code_is_passed_on_to_nobody(tmp_path, kind):
    import keras

    source = keras.Input((4,))
    keras.Model(source, keras.layers.Lambda(lambda x: x * 2)(source)).save(tmp_path / "net.keras")
    with zipfile.ZipFile(tmp_path / "net.keras") as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    content["config.json"] = content["config.json"].replace(
        b'"class_name": "Lambda"', f'"class_name": "{kind}"'.encode()
    )
    with zipfile.ZipFile(tmp_path / "net.keras", "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    with pytest.raises(ModelError, match=r"net\.keras.*a \.tflite") as caught:
        load_keras(tmp_path / "net.keras")
    assert "a Lambda, which is code" in str(caught.value) or kind != "Lambda"
    assert not {"safe", "unsafe", "override"} & set(str(caught.value).replace("_", " ").split())
