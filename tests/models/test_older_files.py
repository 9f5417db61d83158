"""Files of Keras 2: what their configs say that Keras 3 has no word for, and what they were compiled with."""

import json
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from zerotap.errors import ModelError
from zerotap.models.keras_file import load_keras

X = np.random.default_rng(0).normal(size=(2, 12, 12, 4)).astype(np.float32)
OLD = {
    "BatchNormalization": {"axis": [3], "renorm": False, "virtual_batch_size": None},
    "SeparableConv2D": {"groups": 1, "kernel_regularizer": None, "kernel_constraint": None},
    "Conv2DTranspose": {"groups": 1},
    "DepthwiseConv2D": {"groups": 1},
    "Embedding": {"batch_input_shape": [None, None], "input_length": None},
    "LSTM": {"time_major": False, "implementation": 2},
}


def images():
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((12, 12, 4)),
            layers.SeparableConv2D(6, 3),
            layers.BatchNormalization(),
            layers.Conv2DTranspose(3, 2),
            layers.DepthwiseConv2D(3),
        ]
    )


def sequences():
    import keras
    from keras import layers

    return keras.Sequential([keras.Input((12, 4)), layers.LSTM(3, return_sequences=True), layers.LSTM(3)])


def words():
    import keras
    from keras import layers

    return keras.Sequential([keras.Input((12,), dtype="int32"), layers.Embedding(9, 3), layers.LSTM(3)])


def aged(config: dict, changes: dict) -> str:
    for layer in config["config"]["layers"]:
        layer["config"].update(changes.get(layer["class_name"], {}))
    return json.dumps(config)


def as_h5(model, path: Path, changes: dict = OLD) -> Path:
    model.save(path)
    with h5py.File(path, "a") as file:
        file.attrs["model_config"] = aged(json.loads(file.attrs["model_config"]), changes)
    return path


def as_keras(model, path: Path, changes: dict = OLD, **compiled: object) -> Path:
    model.save(path.with_suffix(".new.keras"))
    with zipfile.ZipFile(path.with_suffix(".new.keras")) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "config.json":
                content = aged({**json.loads(content), **compiled}, changes).encode()
            new.writestr(name, content)
    return path


@pytest.mark.parametrize("form", [as_h5, as_keras])
def test_layers_as_keras_2_describes_them(form, tmp_path) -> None:
    suffix = ".h5" if form is as_h5 else ".keras"
    made = {"images": (images(), X), "sequences": (sequences(), X[:, :, 0])}
    made["words"] = (words(), np.arange(24).reshape(2, 12) % 9)
    for name, (model, x) in made.items():
        loaded = load_keras(form(model, tmp_path / f"{name}{suffix}"))
        assert np.array_equal(loaded.predict(x, verbose=0), model.predict(x, verbose=0))


def test_a_functional_model_as_keras_2_names_its_class(tmp_path) -> None:
    import keras

    source = keras.Input((12, 4))
    model = keras.Model(source, keras.layers.Dense(2)(source))
    older = {"module": "keras.src.engine.functional", "registered_name": "Functional"}
    loaded = load_keras(as_keras(model, tmp_path / "m.keras", {}, **older))
    assert np.array_equal(loaded.predict(X[0], verbose=0), model.predict(X[0], verbose=0))


def test_what_a_model_was_compiled_with_is_left_out(tmp_path) -> None:
    loss = {"module": "keras.losses", "class_name": "NoSuchLoss", "config": {}, "registered_name": None}
    compiled = {"optimizer": {"class_name": "Adam", "config": {"decay": None}}, "loss": loss}
    path = as_keras(sequences(), tmp_path / "m.keras", {}, compile_config=compiled)
    assert not load_keras(path).compiled


def test_what_computes_otherwise_is_refused_in_a_few_words(tmp_path) -> None:
    path = as_h5(images(), tmp_path / "m.h5", {"DepthwiseConv2D": {"groups": 2}})
    with pytest.raises(
        ModelError, match=r"m\.h5 cannot be read .*DepthwiseConv2D: \{'groups': 2\}\)"
    ) as caught:
        load_keras(path)
    assert len(str(caught.value)) < 250
    assert "config=" not in str(caught.value)


def test_keras_is_as_before_afterwards() -> None:
    from keras import layers

    with pytest.raises(ValueError, match="Unrecognized keyword arguments"):
        layers.DepthwiseConv2D(3, groups=1)


def test_a_class_of_others_is_named_with_what_needs_none(tmp_path: Path) -> None:
    import keras

    class Twice(keras.layers.Layer):
        def call(self, x):
            return x * 2

    keras.Sequential([keras.Input((3,)), Twice()]).save(tmp_path / "own.keras")
    with pytest.raises(
        ModelError, match=r"own\.keras holds Twice, .* a class of others.*\.tflite of it.*model\.export\(\)"
    ):
        load_keras(tmp_path / "own.keras")


def test_a_layer_that_keras_3_dropped_is_named(tmp_path: Path) -> None:
    path = as_h5(sequences(), tmp_path / "m.h5", {})
    with h5py.File(path, "a") as file:
        file.attrs["model_config"] = file.attrs["model_config"].replace('"LSTM"', '"CuDNNLSTM"')
    with pytest.raises(
        ModelError, match=r"m\.h5 holds CuDNNLSTM, .* or an older one; ask for a \.tflite of it"
    ):
        load_keras(path)


def test_a_lambda_of_keras_2_is_named_as_such(tmp_path: Path) -> None:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: 2 * x)])
    older = {"function": ["4wE=", None, None], "function_type": "lambda", "module": "__main__"}
    path = as_keras(model, tmp_path / "m.keras", {"Lambda": older})
    with pytest.raises(ModelError, match=r"m\.keras holds a Lambda, which is code"):
        load_keras(path)
