"""Models with one operator that only moves elements, and ARG_MAX."""

import numpy as np


def shape(maker):
    return (1, maker.size(5), maker.size(4), maker.size(4))[: int(maker.rng.integers(2, 5))]


def moved(maker, source, output, constants, options_type="NONE", options=None):
    """``constants``: (dtype, values) of the inputs after the first."""
    scale, zero_point = maker.scale(), maker.zero_point()
    tensors = [maker.activation(source, scale, zero_point), maker.activation(output, scale, zero_point)]
    for dtype, values in constants:
        scales = (scale, zero_point) if dtype == "int8" else ((), ())
        tensors.append(maker.tensor(np.shape(values), dtype, *scales, values))
    inputs = [0, *range(2, len(tensors))]
    return maker.model(maker.operator, tensors, inputs, 1, 0, options_type, options or {})


def pad(maker):
    source = shape(maker)
    amounts = [[0, 0] if maker.rng.integers(3) == 0 else [maker.size(3), maker.size(4) - 1] for _ in source]
    amounts[0] = [0, 0]
    output = tuple(sum(pair) + extent for pair, extent in zip(amounts, source, strict=True))
    constants = [("int32", amounts)]
    if maker.operator == "PADV2":
        return moved(maker, source, output, [*constants, ("int8", [maker.zero_point()])], "PadV2Options")
    return moved(maker, source, output, constants, "PadOptions")


def strided_slice(maker):
    while True:
        source = shape(maker)
        bounds = [[draw(maker, extent) for draw in (bound, bound, stride)] for extent in source]
        bounds[0] = [0, 1, 1]
        masks = {name: int(maker.rng.integers(16)) for name in ("beginMask", "endMask")}
        index = [
            slice(
                None if masks["beginMask"] >> i & 1 else begin,
                None if masks["endMask"] >> i & 1 else end,
                step,
            )
            for i, (begin, end, step) in enumerate(bounds)
        ]
        last = len(source) - 1
        shrink = bool(maker.rng.integers(4) == 0)
        if shrink:
            bounds[last] = [0, 1, 1]
            index[last] = 0
            masks["shrinkAxisMask"] = 1 << last
        output = np.zeros(source)[tuple(index)].shape
        if np.prod(output) > 0:
            break
    columns = [("int32", list(column)) for column in zip(*bounds, strict=True)]
    return moved(maker, source, output, columns, "StridedSliceOptions", masks)


def bound(maker, extent):
    return int(maker.rng.integers(-extent, extent + 1))


def stride(maker, extent):
    return int(maker.rng.choice([1, 1, 2, 3, -1, -2]))


def transpose(maker):
    source = shape(maker)
    axes = maker.rng.permutation(len(source)).tolist()
    return moved(maker, source, tuple(source[axis] for axis in axes), [("int32", axes)], "TransposeOptions")


def arg_max(maker):
    source = list(shape(maker))
    axis = int(maker.rng.integers(1, len(source)))
    source[axis] = maker.size(60)
    output = tuple(extent for i, extent in enumerate(source) if i != axis)
    dtype = str(maker.rng.choice(["int32", "int64"]))
    tensors = [
        maker.activation(source),
        maker.tensor((), "int32", data=axis - len(source) if maker.rng.integers(2) else axis),
        maker.tensor(output, dtype),
    ]
    options = {"outputType": 2 if dtype == "int32" else 4}
    return maker.model("ARG_MAX", tensors, [0, 1], 2, 0, "ArgMaxOptions", options)


MAKERS = {
    "ARG_MAX": arg_max,
    "PAD": pad,
    "PADV2": pad,
    "STRIDED_SLICE": strided_slice,
    "TRANSPOSE": transpose,
}
