"""What int8 loses, by layer, and what helps: on models of which it is known where they lose."""

import numpy as np
import pytest

from zerotap.errors import ModelError
from zerotap.firmware import keras_source, quantise_source, read_tflite
from zerotap.firmware.oracles.board_oracle import BoardOracle
from zerotap.firmware.quantising.losses.layers import layer_losses
from zerotap.firmware.quantising.losses.limit import changed_share
from zerotap.firmware.quantising.model_inputs import model_inputs
from zerotap.firmware.quantising.quantise import keras_float, quantise

COUNT = 120


def model_of(outlier: float):
    """Two layers that pass four values on; a unit of the first is ``outlier`` times as large in a window."""
    import keras
    from keras import layers

    window = keras.Input((5,))
    hidden = layers.Dense(5, activation="relu", name="first")(window)
    model = keras.Model(window, layers.Dense(2, name="second")(hidden), name="outlier")
    scales = np.diag([1, 1, 1, 1, outlier]).astype(np.float32)
    told = np.array([[1, 0], [0, 1], [1, 0], [0, 1], [0, 0]], np.float32)
    model.set_weights([scales, np.zeros(5, np.float32), told, np.zeros(2, np.float32)])
    return model


def windows() -> np.ndarray:
    """Small differences decide; the last value is 0 but in one window."""
    x = np.random.default_rng(0).random((COUNT, 5)).astype(np.float32)
    x[:, 4] = 0
    x[7, 4] = 1
    return x


@pytest.fixture(scope="module")
def narrow():
    """A model whose first layer has a range that nearly all of its values leave unused."""
    model = model_of(200.0)
    return keras_source(model, "outlier"), model


def test_the_layer_that_loses_is_found(narrow):
    _, model = narrow
    x = windows()
    losses = layer_losses(keras_float(model, "m"), quantise(model, x), x, "m")
    assert [one.operator for one in losses] == ["FULLY_CONNECTED", "FULLY_CONNECTED"]
    first, second = losses
    assert first.error > 0.2
    assert second.error < 0.02  # what comes to it is the first layer's loss
    assert "first" in first.name and str(first).startswith("layer 0 FULLY_CONNECTED (")


def test_a_model_without_outliers_loses_little():
    x, model = windows(), model_of(1.0)
    losses = layer_losses(keras_float(model, "m"), quantise(model, x), x, "m")
    assert all(one.error < 0.02 for one in losses)


def test_percentiles_clip_the_inner_layers_alone(narrow):
    _, model = narrow
    x = windows()
    whole, clipped = (read_tflite(quantise(model, x, percentile=each)) for each in (100.0, 99.5))
    inner = [graph.tensors[graph.operators[0].outputs[0]].scale[0] for graph in (whole, clipped)]
    assert inner[1] < inner[0] / 50
    for ends in ("input", "output"):
        scales = [graph.tensors[getattr(graph, ends)].scale[0] for graph in (whole, clipped)]
        assert scales[0] == scales[1]
    assert [each.name for each in whole.operators] == [each.name for each in clipped.operators]


def test_a_limit_that_is_passed_names_the_layer_and_what_helps(narrow):
    source, model = narrow
    x = windows()
    changed = changed_share(source.outputs(x), quantise(model, x), x)
    assert changed > 0.05
    with pytest.raises(ModelError) as told:
        quantise_source(source, x, max_loss=0.02)
    words = str(told.value)
    assert f"changes what it says of {changed:.1%}" in words and "more than 2.0%" in words
    assert "most is lost in layer 0 FULLY_CONNECTED" in words
    assert "--percentile 99." in words and "\n" not in words
    helped = quantise_source(source, x, percentile=99.5, max_loss=0.02).report
    assert helped["changed"] <= 0.02 and helped["percentile"] == 99.5
    assert quantise_source(source, x, max_loss=changed).report["changed"] == changed
    assert "changed" not in quantise_source(source, x).report


def test_with_thresholds_any_output_that_changes_sides_counts(narrow):
    source, model = narrow
    x, thresholds = windows(), (0.7, 0.9)
    floats, content = source.outputs(x), quantise(model, x)
    graph = read_tflite(content)
    target = graph.tensors[graph.output]
    codes = BoardOracle(content).invoke(model_inputs(x, graph)).astype(np.float32)
    reals = (codes - np.float32(target.zero_point[0])) * np.float32(target.scale[0])
    least = np.float32(thresholds)
    wanted = ((reals >= least) != (floats >= least)).any(axis=1).mean()
    assert 0.05 < wanted < 1
    assert changed_share(floats, content, x, thresholds) == pytest.approx(wanted)
    assert changed_share(floats, content, x, (-1e9, 1e9)) == 0
    assert quantise_source(source, x, max_loss=1.0, thresholds=thresholds).report["changed"] == wanted
    with pytest.raises(ModelError, match=f"changes what it says of {wanted:.1%}"):
        quantise_source(source, x, max_loss=0.02, thresholds=thresholds)


@pytest.mark.parametrize("asked", [{"percentile": 89.0}, {"percentile": 100.5}, {"max_loss": 1.5}])
def test_what_is_out_of_range_is_refused(narrow, asked):
    with pytest.raises(ModelError, match="give "):
        quantise_source(narrow[0], windows(), **asked)
