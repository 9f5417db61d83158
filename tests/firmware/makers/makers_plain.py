"""Models with one operator that has neither weights nor a window."""

import numpy as np


def reduction(maker, same_scale: bool):
    shape = (1, maker.size(9), maker.size(5), maker.size(5))[: int(maker.rng.integers(2, 5))]
    first = int(maker.rng.integers(1, len(shape)))
    axes = list(range(first, int(maker.rng.integers(first, len(shape))) + 1))
    keep = bool(maker.rng.integers(2))
    kept = [1 if i in axes else extent for i, extent in enumerate(shape)]
    output = tuple(kept if keep else [extent for i, extent in enumerate(shape) if i not in axes])
    source = maker.activation(shape)
    near = float(np.float32(source.scale * 10 ** maker.rng.uniform(-1, 1)))
    same = same_scale or not maker.rng.integers(4)
    target = maker.activation(output, source.scale if same else near, source.zero_point if same else None)
    negative = np.array(axes) - len(shape) if maker.rng.integers(2) else np.array(axes)
    tensors = [source, maker.tensor((len(axes),), "int32", data=negative), target]
    return maker.model(maker.operator, tensors, [0, 1], 2, 0, "ReducerOptions", {"keepDims": keep})


def mean(maker):
    return reduction(maker, same_scale=False) if maker.rng.integers(4) else mean_apart(maker)


def mean_apart(maker):
    """Over two runs of axes, of which one ends the shape."""
    shape = (1, maker.size(4), maker.size(5), maker.size(4), maker.size(5))
    axes = [[1, 4], [1, 3, 4], [1, 2, 4], [2, 4]][maker.rng.integers(4)]
    output = tuple(1 if axis in axes else extent for axis, extent in enumerate(shape))
    source = maker.activation(shape)
    target = maker.activation(output, float(np.float32(source.scale * 10 ** maker.rng.uniform(-0.8, 0.2))))
    tensors = [source, maker.tensor((len(axes),), "int32", data=axes), target]
    return maker.model("MEAN", tensors, [0, 1], 2, 0, "ReducerOptions", {"keepDims": True})


def sum_(maker):
    """A scale that the sums fill, so that few saturate."""
    spec = reduction(maker, same_scale=False)
    source, target = spec.tensors[0], spec.tensors[2]
    count = np.prod(source.shape) / np.prod(target.shape)
    target.scale = float(np.float32(source.scale * count * 10 ** maker.rng.uniform(-1.2, 0.2)))
    return spec


def reduce_max(maker):
    return reduction(maker, same_scale=True)


def gather(maker):
    rows, width, ids = maker.size(50), maker.size(9), maker.size(12)
    scale, zero_point = maker.scale(), maker.zero_point()
    table = maker.tensor((rows, width), "int8", scale, zero_point, maker.weights((rows, width)))
    tensors = [table, maker.tensor((1, ids), "int32"), maker.activation((1, ids, width), scale, zero_point)]
    return maker.model(maker.operator, tensors, [0, 1], 2, 1, "GatherOptions", {"axis": 0})


def elementwise(maker):
    shape, source_scale = (1, maker.size(9), maker.size(9)), maker.scale()
    scale = float(np.float32(source_scale * 10 ** maker.rng.uniform(-2, 2)))
    tensors = [maker.activation(shape, source_scale), maker.activation(shape, scale)]
    return maker.model(maker.operator, tensors, [0], 1, 0)


def leaky_relu(maker):
    spec = elementwise(maker)
    spec.options_type = "LeakyReluOptions"
    spec.options = {"alpha": float(np.float32(maker.rng.choice([0.3, 0.01, 0.2, 1.5, -0.1])))}
    return spec


def hard_swish(maker):
    source = float(np.float32(10 ** maker.rng.uniform(-3, 0.3)))
    scale = float(np.float32(source * 10 ** maker.rng.uniform(-1.5, 1.5)))
    tensors = [maker.activation((1, 5, 7), source), maker.activation((1, 5, 7), scale)]
    return maker.model(maker.operator, tensors, [0], 1, 0)


def to_fixed_scale(maker, scale: float, zero_point: int, options_type="NONE", options=None):
    shape = (1, maker.size(3), maker.size(20))
    source = maker.activation(shape, float(np.float32(10 ** maker.rng.uniform(-3, 0.3))))
    tensors = [source, maker.activation(shape, scale, zero_point)]
    return maker.model(maker.operator, tensors, [0], 1, 0, options_type, options or {})


def softmax(maker):
    beta = float(np.float32(maker.rng.choice([1.0, 0.5, 2.0])))
    return to_fixed_scale(maker, 1 / 256, -128, "SoftmaxOptions", {"beta": beta})


def logistic(maker):
    return to_fixed_scale(maker, 1 / 256, -128)


def tanh(maker):
    return to_fixed_scale(maker, 1 / 128, 0)


def reshaping(maker, output, options_type, options, constant=None):
    source = maker.activation((1, 1, 3, 4))
    target = maker.activation(output, source.scale, source.zero_point)
    extra = [] if constant is None else [maker.tensor(np.shape(constant), "int32", data=constant)]
    inputs = [0, 2] if extra else [0]
    return maker.model(maker.operator, [source, target, *extra], inputs, 1, 0, options_type, options)


def reshape(maker):
    return reshaping(maker, (1, 12), "ReshapeOptions", {"newShape": [1, 12]}, [1, 12])


def squeeze(maker):
    return reshaping(maker, (1, 3, 4), "SqueezeOptions", {"squeezeDims": [1]})


def expand_dims(maker):
    return reshaping(maker, (1, 1, 3, 1, 4), "ExpandDimsOptions", {}, 3)


MAKERS = {
    "EXPAND_DIMS": expand_dims,
    "GATHER": gather,
    "HARD_SWISH": hard_swish,
    "LEAKY_RELU": leaky_relu,
    "LOGISTIC": logistic,
    "MEAN": mean,
    "QUANTIZE": elementwise,
    "REDUCE_MAX": reduce_max,
    "RELU": elementwise,
    "RELU6": elementwise,
    "RELU_N1_TO_1": elementwise,
    "RESHAPE": reshape,
    "SOFTMAX": softmax,
    "SQUEEZE": squeeze,
    "SUM": sum_,
    "TANH": tanh,
}
