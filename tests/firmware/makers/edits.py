"""Edits of a .tflite's tables, drawn: what an attacker or a broken converter may write."""

import numpy as np
from tensorflow.lite.python.schema_py_generated import TensorType


def pick(rng: np.random.Generator, values):
    return values[rng.integers(len(values))]


def other_index(rng, model, graph) -> None:
    operator = pick(rng, graph.operators)
    ends = operator.inputs if rng.random() < 0.7 else operator.outputs
    ends[rng.integers(len(ends))] = rng.integers(-2, len(graph.tensors) + 1)


def other_extent(rng, model, graph) -> None:
    shape = pick(rng, [each.shape for each in graph.tensors if each.shape is not None and len(each.shape)])
    shape[rng.integers(len(shape))] = pick(rng, [0, 1, 2, 3, 8, 255, 1 << 24, -1])


def other_option(rng, model, graph) -> None:
    options = pick(rng, [each.builtinOptions for each in graph.operators if each.builtinOptions])
    fields = [field for field, value in vars(options).items() if np.isscalar(value)]
    if fields:
        field = pick(rng, fields)
        is_flag = isinstance(getattr(options, field), bool)
        is_real = isinstance(getattr(options, field), float)
        values = [0, 1, -1, np.nan, np.inf, -np.inf] if is_real else [0, 1, 2, 3, 4]
        setattr(options, field, True if is_flag else pick(rng, values))


def other_scale(rng, model, graph) -> None:
    quantisation = pick(rng, quantised(graph))
    with np.errstate(all="ignore"):
        factor = (
            pick(rng, [0, -1, np.inf, np.nan]) if rng.random() < 0.2 else 2.0 ** pick(rng, range(-130, 127))
        )
        quantisation.scale = quantisation.scale * np.float32(factor)


def other_zero_point(rng, model, graph) -> None:
    zero_point = pick(rng, quantised(graph)).zeroPoint
    zero_point[rng.integers(len(zero_point))] = rng.integers(-140, 140)


def quantised(graph) -> list:
    every = [tensor.quantization for tensor in graph.tensors]
    return [each for each in every if each is not None and each.zeroPoint is not None]


def other_type(rng, model, graph) -> None:
    pick(rng, graph.tensors).type = pick(rng, [0, 1, 2, 3, 4, 6, 7, 9])


def other_data(rng, model, graph) -> None:
    buffer = pick(rng, [each for each in model.buffers if each.data is not None])
    buffer.data = np.resize(
        np.array(pick(rng, [[0], [127], [128], [255], [0, 1]]), np.uint8), len(buffer.data)
    )


def other_number(rng, model, graph) -> None:
    """One entry of an int32 constant: an axis, a bound, a padding, a bias."""
    buffers = [model.buffers[each.buffer] for each in graph.tensors if each.type == TensorType.INT32]
    numbers = [each for each in buffers if each.data is not None and len(each.data) >= 4]
    if numbers:
        buffer = pick(rng, numbers)
        values = np.array(buffer.data, np.uint8).view("<i4").copy()
        extremes = [-(1 << 31), (1 << 31) - 1, -1, 0, 1, 2, 3, 4, 5, -2, -3, 255, 1 << 16]
        values[rng.integers(len(values))] = pick(rng, extremes)
        buffer.data = values.view(np.uint8)


def other_arity(rng, model, graph) -> None:
    """An input more, less, absent, or the same twice."""
    operator = pick(rng, graph.operators)
    inputs = [int(index) for index in operator.inputs]
    kind = rng.integers(4)
    if kind == 0:
        inputs.append(int(rng.integers(-1, len(graph.tensors))))
    elif kind == 1:
        inputs.pop()
    elif kind == 2:
        inputs[rng.integers(len(inputs))] = -1
    else:
        inputs[rng.integers(len(inputs))] = inputs[0]
    operator.inputs = inputs


def other_end(rng, model, graph) -> None:
    """Another tensor as the model's input or output."""
    ends = graph.inputs if rng.random() < 0.5 else graph.outputs
    ends[0] = int(rng.integers(len(graph.tensors)))


def other_name(rng, model, graph) -> None:
    pick(rng, graph.tensors).name = pick(
        rng, [b"\xff\xfe", b"*/ int x;", b"a\0b", b"\x1b[2J", b"??/", b"x" * 5000]
    )


EDITS = (
    other_index,
    other_extent,
    other_option,
    other_scale,
    other_zero_point,
    other_type,
    other_data,
    other_number,
    other_arity,
    other_end,
    other_name,
)
