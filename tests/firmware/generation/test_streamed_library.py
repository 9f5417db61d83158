"""Keras models whose layers run while windows arrive: TensorFlow's bits, and both ways in every report."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from zerotap.cli import cli
from zerotap.errors import DoesNotFitError
from zerotap.features import Pipeline
from zerotap.features.transforms import CountWindows, RangeScale
from zerotap.firmware import Budget, read_tflite, verify
from zerotap.firmware.linking import build
from zerotap.firmware.options import BuildOptions
from zerotap.firmware.quantising.quantise import quantise
from zerotap.models import model_input

ZIG = BuildOptions(compiler="zig")
REPORTS = Pipeline("reports", (CountWindows(32, 8),), "reports", 8)
SAMPLES = Pipeline("samples", (CountWindows(30, 8, 0.3, "edge"), RangeScale((-9000,), (9000,))), "samples", 6)


def conv(layers, x):
    x = layers.MaxPooling1D(2)(layers.Conv1D(8, 4, activation="relu")(x))
    x = layers.Conv1D(12, 3, activation="relu")(x)
    return layers.Flatten()(layers.MaxPooling1D(x.shape[1])(x))


def separable(layers, x):
    x = layers.SeparableConv1D(6, 3, strides=2, activation="relu")(x)
    return layers.GlobalAveragePooling1D()(layers.AveragePooling1D(2)(layers.Conv1D(10, 2)(x)))


MODELS = {"conv": (REPORTS, conv), "separable": (SAMPLES, separable)}


def items_of(pipeline: Pipeline, count: int, seed: int) -> np.ndarray:
    return pipeline.draw(count, seed)


@pytest.fixture(scope="module", params=MODELS)
def folder(request, tmp_path_factory) -> Path:
    """A model's folder, as far as the commands read it."""
    import keras

    pipeline, body = MODELS[request.param]
    made = tmp_path_factory.mktemp(request.param)
    windows = model_input(pipeline.apply(items_of(pipeline, 400, 1)))
    keras.utils.set_random_seed(3)
    source = keras.Input(pipeline.input_shape)
    model = keras.Model(source, keras.layers.Dense(3)(body(keras.layers, source)))
    (made / "model.tflite").write_bytes(quantise(model, windows))
    (made / "pipeline.toml").write_text(pipeline.to_toml())
    return made


def run(*arguments: object) -> dict:
    done = CliRunner().invoke(cli, [*map(str, arguments), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_pushed_recordings_have_the_oracles_bits(folder):
    pipeline = Pipeline.read(folder / "pipeline.toml")
    recordings = [items_of(pipeline, count, count) for count in (1, 20, 32, 90)]
    windows = pipeline.apply(recordings[-1])
    found = verify(folder, model_input(windows), ZIG, recordings=recordings)
    assert (found.mismatches, found.pushed_mismatches, found.is_streamed) == (0, 0, True)
    assert found.pushed_results == sum(len(pipeline.apply(items)) for items in recordings)
    report = found.report
    assert report["is_streamed"] is True
    assert report["push_cycles_mean"] < report["push_cycles_max"] < report["cycles"] / 2
    assert report["pause_ms"] >= ZIG.board.milliseconds(report["push_cycles_max"])


def test_analyse_and_export_report_both_ways(folder, tmp_path):
    streaming = run("analyse", folder)["streaming"]
    assert streaming["is_streamed"] and len(streaming["layers"]) > 1
    assert streaming["streamed"]["cycles_max"] < streaming["whole"]["cycles_max"]
    report = run("export", folder, "--out", tmp_path / "lib", "--name", "net", "--compiler", "zig")
    assert report["is_streamed"] is True
    assert report["cycles_max"] < report["whole"]["cycles_max"]
    assert report["cycles_mean"] < report["whole"]["cycles_mean"]
    assert report["cycles_end_max"] <= 1.1 * report["cycles_max"]
    assert 0 < report["pause_ms"] < report["whole"]["pause_ms"]
    header = (tmp_path / "lib/src/net_push.h").read_text()
    assert "int32_t net_flush_step(net_SCORE *output);" in header
    assert {"net_stream.c", "net_tail.c"} <= {file.name for file in (tmp_path / "lib/src").iterdir()}
    assert "net_flush_step" in (tmp_path / "lib/keywords.txt").read_text()
    said = re.search(
        r"`net_invoke` computes .*about ([\d,]+) B of flash and ([\d,]+) B of RAM", _readme(tmp_path)
    )
    assert said and said[1] == f"{report['whole']['flash_bytes']:,}"
    assert said[2] == f"{report['whole']['ram_total_bytes']:,}"


def _readme(folder: Path) -> str:
    return (folder / "lib/README.md").read_text()


def test_a_model_that_fits_only_while_windows_arrive_is_exported_so(tmp_path):
    """Its whole windows alone are beyond the limit."""
    import keras

    pipeline = Pipeline("long", (CountWindows(200, 100),), "reports", 8)
    windows = model_input(pipeline.apply(items_of(pipeline, 1200, 1)))
    keras.utils.set_random_seed(3)
    source = keras.Input(pipeline.input_shape)
    (tmp_path / "model.tflite").write_bytes(
        quantise(keras.Model(source, keras.layers.Dense(3)(conv(keras.layers, source))), windows)
    )
    (tmp_path / "pipeline.toml").write_text(pipeline.to_toml())
    target = str(tmp_path / "lib")
    arguments = ["export", str(tmp_path), "--out", target, "--name", "net", "--compiler", "zig"]
    report = run(*arguments, "--ram", 1400)
    assert report["is_streamed"] and report["ram_total_bytes"] <= 1400 and "whole" not in report
    assert "more than the limits of this export" in _readme(tmp_path)
    with pytest.raises(DoesNotFitError, match=r"1400|1,400"):
        build(
            read_tflite(tmp_path / "model.tflite"), BuildOptions(budget=Budget(1 << 17, 1400), compiler="zig")
        )
    done = CliRunner().invoke(cli, [*arguments, "--force", "--ram", "500"])
    assert isinstance(done.exception, DoesNotFitError)
    assert "more RAM than the budget allows (500 B)" in str(done.exception)
