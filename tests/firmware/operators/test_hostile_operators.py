"""Every operator's file with its tables edited at random: refused, or computed as TensorFlow computes it."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest
from all_makers import MAKERS, make
from damage import Sweep, edited, judge
from edits import EDITS, pick
from seeds import FIRST_SEED

from zerotap.errors import ModelError
from zerotap.firmware import plan, read_tflite

pytestmark = pytest.mark.drawn

DRAWS = 8


def hostile(writer, operator: str, draws: range) -> Iterator[tuple[str, bytes]]:
    """Files of one operator, each with one to three edits."""
    for seed in draws:
        content, _, _ = make(writer, operator, seed % 16)
        rng = np.random.default_rng([FIRST_SEED, seed])
        for _ in range(int(rng.integers(1, 4))):
            try:
                content = edited(content, partial(pick(rng, EDITS), rng))
            except (
                TypeError,
                ValueError,
                IndexError,
                AttributeError,
            ):  # nothing of that kind is there to edit
                continue
        yield f"{operator} {seed}", content


@pytest.mark.parametrize("operator", MAKERS)
def test_edited_tables_are_refused_or_harmless(tflite_writer, operator: str) -> None:
    result: Sweep = judge(hostile(tflite_writer, operator, range(DRAWS)))
    assert not result.faults, result.faults


def with_options(writer, operator: str, seed: int, **options: object) -> bytes:
    content, _, _ = make(writer, operator, seed)

    def edit(model, graph) -> None:
        for name, value in options.items():
            setattr(graph.operators[-1].builtinOptions, name, value)

    return edited(content, edit)


def with_scale(writer, operator: str, seed: int, tensor: int, scale: float) -> bytes:
    def edit(model, graph) -> None:
        graph.tensors[tensor].quantization.scale = np.array([scale], np.float32)

    return edited(make(writer, operator, seed)[0], edit)


@pytest.mark.parametrize("clip", [1e-19, 1e-30, 0.0, 1e30])
def test_an_lstms_clip_that_rounds_to_nothing_clips_nothing(tflite_writer, clip: float) -> None:
    files = [
        (f"seed {seed}", with_options(tflite_writer, "UNIDIRECTIONAL_SEQUENCE_LSTM", seed, cellClip=clip))
        for seed in range(4)
    ]
    result = judge(files)
    assert not result.faults, result.faults
    assert result.run >= len(files) - 1  # TensorFlow refuses one


@pytest.mark.parametrize("tensor", [0, 1])
def test_hard_swish_of_any_scale_is_refused_or_exact(tflite_writer, tensor: int) -> None:
    scales = [2.0**power for power in range(-40, 20)] + [255.0]
    result = judge(
        (f"scale {scale}", with_scale(tflite_writer, "HARD_SWISH", 3, tensor, scale)) for scale in scales
    )
    assert not result.faults, result.faults
    assert result.run > 10


@pytest.mark.parametrize(
    "options",
    [
        {"offset": True, "beginMask": 9},
        {"offset": True, "endMask": 4},
    ],
)
def test_masks_that_no_converter_mixes_are_refused(tflite_writer, options: dict[str, object]) -> None:
    for seed in range(6):
        content = with_options(tflite_writer, "STRIDED_SLICE", seed, **options)
        with pytest.raises(ModelError):
            plan(read_tflite(content))


def test_a_dropped_axis_with_a_stride_is_refused(tflite_writer) -> None:
    content = with_options(tflite_writer, "STRIDED_SLICE", 0, shrinkAxisMask=2)

    def stride(model, graph) -> None:
        buffer = model.buffers[graph.tensors[graph.operators[-1].inputs[3]].buffer]
        strides = np.array(buffer.data, np.uint8).view("<i4").copy()
        strides[1] = -2
        buffer.data = strides.view(np.uint8)

    with pytest.raises(ModelError, match="drops an axis"):
        plan(read_tflite(edited(content, stride)))


@pytest.mark.parametrize("operator", ["PAD", "RESHAPE", "TRANSPOSE", "SOFTMAX", "REVERSE_V2", "GATHER"])
def test_an_input_that_must_be_there_is_named(tflite_writer, operator: str) -> None:
    """TensorFlow reads tensor -1 of them and dies."""

    def last_absent(model, graph) -> None:
        graph.operators[-1].inputs = [*graph.operators[-1].inputs[:-1], -1]

    content = edited(make(tflite_writer, operator, 0)[0], last_absent)
    with pytest.raises(ModelError, match=rf"layer 0 {operator} lacks input"):
        read_tflite(content)


def test_scales_too_far_apart_for_float32_are_refused(tflite_writer) -> None:
    content = with_options(tflite_writer, "LEAKY_RELU", 0, alpha=float(np.float32(3e38)))

    def far_apart(model, graph) -> None:
        graph.tensors[0].quantization.scale = np.array([2.0**60], np.float32)
        graph.tensors[1].quantization.scale = np.array([2.0**-60], np.float32)

    with pytest.raises(ModelError, match="too far apart"):
        plan(read_tflite(edited(content, far_apart)))


def test_the_input_as_the_output_and_a_name_that_is_no_text_are_refused(tflite_writer) -> None:
    content, _, _ = make(tflite_writer, "SOFTMAX", 0)

    def input_is_output(model, graph) -> None:
        graph.outputs = graph.inputs

    def odd_name(model, graph) -> None:
        graph.tensors[0].name = b"\xff\xfe"

    for edit, said in ((input_is_output, "written by no layer"), (odd_name, "no UTF-8")):
        with pytest.raises(ModelError, match=said):
            read_tflite(edited(content, edit))
