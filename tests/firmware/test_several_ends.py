"""Models with several inputs and outputs: names, order, C structures, every command, and what is refused."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from zerotap import workflow
from zerotap.cli import cli
from zerotap.errors import ModelError
from zerotap.firmware import BuildOptions, Oracle, generate, plan, random_inputs, read_tflite
from zerotap.firmware.oracles.board_oracle import BoardOracle
from zerotap.firmware.quantising.model_inputs import model_inputs
from zerotap.firmware.quantising.quantise import quantise
from zerotap.firmware.several_ends import as_rows, differing
from zerotap.firmware.tflite.end_names import apart, plain_name
from zerotap.firmware.tflite.writer import rename_ends
from zerotap.firmware.verification import verify

COUNT = 24
ZIG = BuildOptions(compiler="zig")


def _run(*arguments: object):
    return CliRunner().invoke(cli, list(map(str, arguments)))


@pytest.fixture(scope="module")
def samples() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return {
        "ids": rng.integers(0, 20, (COUNT, 5)).astype(np.int32),
        "signal": rng.uniform(-1, 1, (COUNT, 6, 3)).astype(np.float32),
        "bytes": (rng.integers(0, 256, (COUNT, 7)) / 255).astype(np.float32),
    }


def _model():
    """Three inputs, three outputs: one is read by another layer, one is the first under another shape."""
    import keras

    keras.utils.set_random_seed(3)
    ids = keras.Input((5,), dtype="int32", name="ids")
    signal, values = keras.Input((6, 3), name="signal"), keras.Input((7,), name="bytes")
    words = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(20, 4)(ids))
    steps = keras.layers.Conv1D(5, 3, activation="relu", name="steps")(signal)
    parts = [words, keras.layers.Flatten()(steps), keras.layers.Dense(4)(values)]
    joined = keras.layers.Concatenate()(parts)
    hidden = keras.layers.Dense(9, activation="relu", name="hidden")(joined)
    score = keras.layers.Dense(3, name="score")(hidden)
    return keras.Model([signal, ids, values], [score, steps, hidden])


@pytest.fixture(scope="module")
def content(samples) -> bytes:
    return quantise(_model(), samples)


@pytest.fixture(scope="module")
def file(content, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("ends") / "three.tflite"
    path.write_bytes(content)
    return path


def test_names_and_order_are_the_keras_model_s(content):
    graph = read_tflite(content)
    assert graph.end_names == (("signal", "ids", "bytes"), ("score", "steps", "hidden"))
    assert [graph.tensors[index].dtype for index in graph.inputs] == ["int8", "int32", "int8"]
    assert [graph.tensors[index].size for index in graph.outputs] == [3, 20, 9]
    bytes_input = graph.tensors[graph.inputs[2]]
    assert bytes_input.scale[0] == np.float32(1 / 255) and bytes_input.zero_point[0] == -128


def test_the_float_model_is_near(content, samples):
    made = Oracle(content).invoke(model_inputs(samples, graph := read_tflite(content)))
    model = _model()
    wanted = model.predict([samples["signal"], samples["ids"], samples["bytes"]], verbose=0)
    for index, name, floats in zip(graph.outputs, graph.end_names[1], wanted, strict=True):
        tensor = graph.tensors[index]
        reals = (made[name].astype(np.float64) - tensor.zero_point) * tensor.scale
        assert np.max(np.abs(reals - floats.reshape(reals.shape))) < 0.2 * np.ptp(floats)


def test_host_c_equals_the_oracle(content, build_host):
    graph = read_tflite(content)
    inputs = random_inputs(graph, 40, seed=5)
    got = build_host({"three": generate(graph, "three")}).run("three", inputs)
    expected = Oracle(content).invoke(inputs)
    assert not differing(got.ravel().view(expected.dtype), expected).any()


def test_the_header_has_a_member_for_each(content):
    header = generate(read_tflite(content), "three")["three.h"]
    assert "void three_invoke(const three_inputs *inputs, three_outputs *outputs);" in header
    for line in (
        "    int8_t signal[three_INPUT_signal_SIZE] three_ALIGNED;",
        "    int32_t ids[three_INPUT_ids_SIZE] three_ALIGNED;",
        "    int8_t hidden[three_OUTPUT_hidden_SIZE] three_ALIGNED;",
        "#define three_OUTPUT_steps_SIZE 20",
    ):
        assert line in header
    assert set(re.findall(r"define three_(\w+)_SCALE", header)) == {
        *("INPUT_signal", "INPUT_bytes", "OUTPUT_score", "OUTPUT_steps", "OUTPUT_hidden")
    }


def test_both_compilers_on_the_board(content, samples):
    for options in (ZIG, BuildOptions(compiler="gcc")):
        measured = verify(content, samples, options)
        assert measured.mismatches == 0 and measured.constant_time
        assert measured.outputs.dtype.names == ("score", "steps", "hidden")
        planned = plan(read_tflite(content))
        assert abs(measured.cycles - planned.cycles) < 0.1 * measured.cycles
        # 20 + 20 + 8 bytes in, 4 + 20 + 12 out, each member at a multiple of 4.
        assert planned.io_bytes == 84
        assert measured.stack_bytes <= measured.stack_bound_bytes <= planned.stack_bytes


def test_analyse_describes_each(file):
    result = _run("analyse", file, "--json")
    report = json.loads(result.stdout)
    assert "input" not in report and [each["member"] for each in report["inputs"]] == [
        "signal",
        "ids",
        "bytes",
    ]
    assert [each["shape"] for each in report["outputs"]] == [[1, 3], [1, 4, 5], [1, 9]]
    shown = _run("analyse", file).stdout
    assert "ids: int32" in shown and "hidden: int8" in shown


def test_verify_takes_an_npz_several_files_or_draws(file, samples, tmp_path):
    np.savez(tmp_path / "x.npz", **samples)
    np.savez(tmp_path / "in_order.npz", samples["signal"], samples["ids"], samples["bytes"])
    for name, array in samples.items():
        np.save(tmp_path / f"{name}.npy", array)
    ways = (
        ["--samples", tmp_path / "x.npz"],
        ["--samples", tmp_path / "in_order.npz"],
        [part for name in samples for part in ("--samples", tmp_path / f"{name}.npy")],
        [],
    )
    for way in ways:
        result = _run("verify", file, *way, "--json")
        assert result.exit_code == 0, result.output
        report = json.loads(result.stdout)
        assert report["mismatches"] == 0 and report["samples"] == (COUNT if way else workflow.RANDOM_SAMPLES)


def test_a_wrong_output_of_any_is_seen(content, samples, monkeypatch):
    from zerotap.firmware.artefacts import tflite_model

    wrong_oracle = type("Wrong", (BoardOracle,), {})
    real = BoardOracle.invoke

    def invoke(self, inputs):
        outputs = real(self, inputs)
        outputs["hidden"][3, 8] ^= 1
        return outputs

    monkeypatch.setattr(wrong_oracle, "invoke", invoke)
    monkeypatch.setattr(tflite_model, "BoardOracle", wrong_oracle)
    assert verify(content, samples, ZIG).mismatches == 1


def test_quantise_and_build_take_samples_by_name(samples, tmp_path):
    model = _model()
    model.save(tmp_path / "three.keras")
    np.savez(tmp_path / "x.npz", **samples)
    result = _run("quantise", tmp_path / "three.keras", "--samples", tmp_path / "x.npz", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["calibration"] == COUNT and report["score_same_argmax"] > 0.8
    assert {"input_signal_scale", "output_hidden_zero_point", "steps_max_difference"} <= set(report)
    library = workflow.build(
        tmp_path / "three.tflite", tmp_path / "lib", name="three", samples=samples, options=ZIG
    )
    assert library.report["mismatches"] == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda samples: {"ids": samples["ids"], "signal": samples["signal"]},
            "takes the inputs signal, ids, bytes",
        ),
        (lambda samples: samples | {"more": samples["ids"]}, "takes the inputs signal, ids, bytes"),
        (lambda samples: samples["signal"], "an array for each"),
        (lambda samples: samples | {"ids": samples["ids"][:3]}, "as many windows"),
        (lambda samples: samples | {"ids": samples["ids"] + 20}, "0 to 19"),
        (lambda samples: samples | {"signal": samples["signal"] * np.nan}, "NaN"),
        (lambda samples: {}, "no array"),
    ],
)
def test_wrong_samples_are_one_sentence(content, samples, change, words):
    with pytest.raises(ModelError, match=words):
        verify(content, change(samples), ZIG)


def test_a_model_with_one_input_takes_no_other(dense_file, dense_samples):
    with pytest.raises(ModelError, match="it has one input"):
        verify(dense_file, as_rows({"x": dense_samples, "y": dense_samples}), ZIG)


@pytest.fixture(scope="module")
def hidden_too(dense_file) -> bytes:
    """A dense network whose hidden layers are outputs too: the second layer reads an output."""
    content = Path(dense_file).read_bytes()
    graph = read_tflite(content)
    outputs = [operator.outputs[0] for operator in graph.operators]
    return rename_ends(content, (graph.inputs, outputs), (["x"], ["first", "second", "last"]))


def test_every_layer_may_be_an_output(hidden_too, build_host):
    graph = read_tflite(hidden_too)
    assert [graph.tensors[index].size for index in graph.outputs] == [16, 8, 2]
    planned = plan(graph)
    assert planned.arena_bytes == 0 and planned.io_bytes == 8 + 16 + 8 + 4
    inputs = random_inputs(graph, 30, seed=1)
    got = build_host({"hidden": generate(graph, "hidden")}).run("hidden", inputs)
    expected = Oracle(hidden_too).invoke(inputs)
    assert not differing(got.ravel().view(expected.dtype), expected).any()
    measured = verify(hidden_too, inputs["x"], ZIG)
    assert measured.mismatches == 0


def test_an_output_of_the_same_bytes_is_copied(tflite_writer, build_host):
    """RESHAPE of the input, and of a computed tensor that is an output itself."""
    tensor, model, write = tflite_writer
    tensors = [
        tensor((1, 6), "int8", 0.1, 0),
        tensor((2,), "int32", data=[2, 3]),
        tensor((2, 3), "int8", 0.1, 0),
        tensor((1, 6), "int8", 1 / 256, -128),
        tensor((2, 3), "int8", 1 / 256, -128),
    ]
    before = [
        model.one("RESHAPE", [0, 1], 2),
        model.one("LOGISTIC", [0], 3),
    ]
    content = write(model("RESHAPE", tensors, [3, 1], 4, 0, before=before))
    content = rename_ends(content, ([0], [2, 3, 4]), (["x"], ["a", "b", "c"]))
    graph = read_tflite(content)
    inputs = random_inputs(graph, 20, seed=2)
    got = build_host({"twin": generate(graph, "twin")}).run("twin", inputs)
    expected = Oracle(content).invoke(inputs)
    assert not differing(got.ravel().view(expected.dtype), expected).any()
    measured = verify(content, inputs["x"], ZIG)
    assert measured.mismatches == 0 and measured.constant_time


def test_a_sum_beside_other_operators_is_judged_in_pieces(tflite_writer, build_host):
    """The oracle of SUM is the builtin kernel, of what stands beside it the reference kernels."""
    tensor, model, write = tflite_writer
    tensors = [
        tensor((1, 4, 6), "int8", 0.1, 3),
        tensor((1,), "int32", data=[1]),
        tensor((1, 1, 6), "int8", 0.2, -4),
        tensor((1, 4, 6), "int8", 1 / 256, -128),
        tensor((1, 4, 6), "int8", 0.3, 1),
    ]
    before = [
        model.one("SUM", [0, 1], 2, "ReducerOptions", {"keepDims": True}),
        model.one("LOGISTIC", [0], 3),
    ]
    content = write(model("ADD", tensors, [2, 3], 4, 0, "AddOptions", before=before))
    content = rename_ends(content, ([0], [4, 2]), (["x"], ["both", "sum"]))
    graph = read_tflite(content)
    inputs = random_inputs(graph, 20, seed=2)
    oracle = Oracle(content)
    assert "REF, then" in oracle.name or "then" in oracle.name
    expected = oracle.invoke(inputs)
    got = build_host({"beside": generate(graph, "beside")}).run("beside", inputs)
    assert not differing(got.ravel().view(expected.dtype), expected).any()


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (([0], [3, 3]), "twice"),
        (([0, 0], [3]), "twice"),
        (([0], [0, 3]), "written by no layer"),
        (([0], [1, 3]), "written by no layer"),
        (([0, 1], [3]), "is a constant"),
        (([], [3]), "has 0 inputs"),
        (([0], [3] * 65), "has 65 outputs"),
    ],
)
def test_ends_that_no_model_has_are_refused(tflite_writer, ends, words):
    tensor, model, write = tflite_writer
    tensors = [
        tensor((1, 6), "int8", 0.1, 0),
        tensor((2,), "int32", data=[2, 3]),
        tensor((2, 3), "int8", 0.1, 0),
        tensor((2, 3), "int8", 1 / 256, -128),
    ]
    content = write(model("LOGISTIC", tensors, [2], 3, 0, before=[model.one("RESHAPE", [0, 1], 2)]))
    with pytest.raises(ModelError, match=words):
        read_tflite(rename_ends(content, ends, (["x"] * len(ends[0]), ["y"] * len(ends[1]))))


def test_names_are_identifiers_unlike_all_others():
    names = ["serving_default_a/b:0", "class", "3d", "a_b", "A_B", "", "ü"]
    assert apart([plain_name(name) for name in names]) == [
        *("a_b", "class_", "tensor_3d", "a_b_2", "A_B_3", "tensor_", "tensor__2"),
    ]


def test_the_conversions_at_each_end_are_left_out(samples):
    """A file with float ends, as the converter writes them unless told otherwise."""
    import keras
    import tensorflow as tf

    model = _model()
    sources = [
        keras.Input(batch_shape=(1, *each.shape[1:]), dtype=each.dtype, name=each.name)
        for each in model.inputs
    ]
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(sources, model(sources)))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        {name: array[[row]] for name, array in samples.items()} for row in range(COUNT)
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    content = converter.convert()
    graph = read_tflite(content)
    taken = [graph.inputs[graph.end_names[0].index(name)] for name in ("signal", "ids", "bytes")]
    content = rename_ends(content, (taken, graph.outputs), (["signal", "ids", "bytes"], graph.end_names[1]))
    assert plan(read_tflite(content)).graph.file_dtypes == ("float32", "int32", *["float32"] * 4)
    assert verify(content, samples, ZIG).mismatches == 0


def test_a_pipeline_is_for_one_window_and_one_output(hidden_too, tmp_path):
    from zerotap.features import PIPELINE_FILE, Pipeline
    from zerotap.firmware import export

    (tmp_path / "model.tflite").write_bytes(hidden_too)
    (tmp_path / PIPELINE_FILE).write_text(Pipeline.raw("raw", 8, 8).to_toml())
    with pytest.raises(ModelError, match=r"1 inputs and 3 outputs; export its \.tflite itself"):
        export(tmp_path, tmp_path / "lib", "mood", ZIG)


def test_a_float_file_is_quantised(samples, tmp_path):
    from zerotap.firmware.quantising.quantise import keras_float

    (tmp_path / "float.tflite").write_bytes(keras_float(_model(), "three"))
    np.savez(tmp_path / "x.npz", **samples)
    result = _run("quantise", tmp_path / "float.tflite", "--samples", tmp_path / "x.npz", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["score_same_argmax"] > 0.8
    assert verify(report["file"], samples, ZIG).mismatches == 0
