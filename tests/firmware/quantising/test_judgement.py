"""What no analyse would take: refused by quantise, by layer, operator, shapes, cause and a way out."""

import numpy as np
import pytest

from zerotap.errors import ModelError, NoOperatorError
from zerotap.firmware import Oracle, read_model, read_tflite
from zerotap.firmware.planning.plan import plan
from zerotap.firmware.quantising.conversion import open_source
from zerotap.firmware.quantising.judgement import judge_first, judged
from zerotap.workflow import analyse


@pytest.fixture
def files(tflite_writer):
    """Files of one operator: what they compute in, and with which bias."""
    tensor, model, write = tflite_writer
    rng = np.random.default_rng(0)

    def dense(dtype="int8", bias_scale=0.05, axis=0, bias_dtype="int32"):
        tensors = [
            tensor((1, 3), dtype, 0.5, 0),
            tensor((4, 3), "int8", 0.1, 0, rng.integers(-127, 128, (4, 3))),
            tensor((1, 4), dtype, 0.05, 0),
            tensor((4,), bias_dtype, bias_scale, 0, [1, 2, 3, 4], axis),
        ]
        return write(model("FULLY_CONNECTED", tensors, [0, 1, 3], 2, 0, "FullyConnectedOptions"))

    def lacking():
        tensors = [
            tensor((1, 4), "int8", 0.5, 0),
            tensor((), "int32", data=[1]),
            tensor((1, 4), "int8", 0.5, 0),
        ]
        return write(model("CUMSUM", tensors, [0, 1], 2, 0, "CumsumOptions"))

    return {"dense": dense, "lacking": lacking}


def test_an_operator_that_there_is_not(files):
    message = (
        r"m: layer 0 CUMSUM \(tensor_2\), \(1, 4\) -> \(1, 4\): .* no operator CUMSUM; .*docs/operators\.md"
    )
    with pytest.raises(NoOperatorError, match=message):
        judged(files["lacking"](), "m")
    content = files["dense"]()
    assert judged(content, "m") == content


def test_few_of_many_samples_tell_of_it_first(files):
    seen = []

    def convert(few):
        seen.append(len(few))
        return files["lacking"]()

    with pytest.raises(NoOperatorError, match="m: layer 0 CUMSUM"):
        judge_first(convert, np.zeros((100, 4), np.float32), "m")
    judge_first(convert, np.zeros((8, 4), np.float32), "m")  # all of them are as quick
    assert seen == [4]


def test_what_few_samples_are_refused_for_may_be_for_want_of_more():
    def convert(few):
        raise ModelError("too small a scale")

    judge_first(convert, np.zeros((100, 4), np.float32), "m")


@pytest.mark.parametrize(
    ("dtype", "bias_dtype", "called"),
    [
        ("int16", "int64", r"int16 with int8 weights \(16x8"),
        ("uint8", "int32", r"uint8 \(quantised by TensorF"),
    ],
)
def test_other_integers_are_named(files, tmp_path, dtype, bias_dtype, called):
    path = tmp_path / "m.tflite"
    path.write_bytes(files["dense"](dtype, bias_dtype=bias_dtype))
    message = rf"m\.tflite: layer 0 FULLY_CONNECTED \(tensor_2\), \(1, 3\) -> \(1, 4\), computes in {called}"
    for take in (lambda: plan(read_tflite(path)), lambda: read_model(path), lambda: open_source(path)):
        with pytest.raises(ModelError, match=message) as caught:
            take()
        assert "give the float model" in str(caught.value)


@pytest.mark.parametrize("bias_scale", [(0.05,) * 4, 0.5, ()])
def test_a_bias_that_tensorflow_refuses(files, bias_scale):
    from zerotap.firmware import Oracle

    content = files["dense"](bias_scale=bias_scale)
    with pytest.raises(
        ModelError, match=r"layer 0 FULLY_CONNECTED .*\(scale_diff / output_scale <= 0\.02 was not"
    ):
        plan(read_tflite(content))
    with pytest.raises(ModelError, match="TensorFlow cannot run this model"):
        Oracle(content)


def test_a_bias_of_several_scales_along_an_axis_that_it_has_not(files):
    message = r"tensor 3 .*4 scales .*quantized_dimension must be in range \[0, 1\)\. Was 3\).*float model"
    with pytest.raises(ModelError, match=message):
        read_tflite(files["dense"](bias_scale=(0.05,) * 4, axis=3))


def test_a_sum_beside_others_is_taken(tflite_writer):
    """TensorFlow has no kernels that are right for both: the oracle runs the pieces, each by its own."""
    tensor, model, write = tflite_writer
    tensors = [
        tensor((1, 2, 4), "int8", 0.5, 0),
        tensor((1,), "int32", data=[1]),
        tensor((1, 1, 4), "int8", 0.5, 0),
        tensor((1, 2, 4), "int8", 0.5, 0),
    ]
    total = model.one("SUM", [0, 1], 2, "ReducerOptions", {"keepDims": True})
    content = write(model("ADD", tensors, [0, 2], 3, 0, "AddOptions", before=[total]))
    assert plan(read_tflite(content)).layers
    assert analyse(content)["layers"] and judged(content, "m") == content
    assert "then" in Oracle(content).name


def test_analyse_of_a_saved_model_names_the_command_that_takes_it(tmp_path):
    (tmp_path / "saved_model.pb").touch()
    with pytest.raises(ModelError, match=r"zerotap quantise \S+ --samples X\.npy --trust"):
        analyse(tmp_path)
