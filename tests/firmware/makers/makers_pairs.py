"""Models with one operator over two operands, either of which may be constant, computed or repeat."""

import math

import numpy as np

OPTIONS = {
    "ADD": "AddOptions",
    "MUL": "MulOptions",
    "SQUARED_DIFFERENCE": "SquaredDifferenceOptions",
    "SUB": "SubOptions",
}
EXTREMES = ("MAXIMUM", "MINIMUM")


class Sliced:
    """Tensors and operators that give several activations different parts of the model's one input."""

    def __init__(self, maker, sizes):
        self.maker, self.operator = maker, maker.model.one
        self.tensors = [maker.activation((1, sum(sizes)), 0.5, 0)]
        self.before = []
        self.start = 0

    def constant(self, values, dtype="int32"):
        values = np.asarray(values, dtype)
        self.tensors.append(self.maker.tensor(values.shape, dtype, data=values))
        return len(self.tensors) - 1

    def tensor(self, tensor):
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def part(self, shape, scale, zero_point):
        """The next part of the input in its own shape and scale: a slice, its scale changed, reshaped."""
        size = math.prod(shape)
        bounds = [
            self.constant([0, self.start]),
            self.constant([1, self.start + size]),
            self.constant([1, 1]),
        ]
        flat = self.tensor(self.maker.activation((1, size), 0.5, 0))
        self.before.append(self.operator("STRIDED_SLICE", [0, *bounds], flat, "StridedSliceOptions"))
        self.start += size
        # The ratio keeps most codes apart, so that the operands take all values.
        scaled = self.tensor(self.maker.activation((1, size), scale, zero_point))
        self.before.append(self.operator("QUANTIZE", [flat], scaled))
        result = self.tensor(self.maker.activation(shape, scale, zero_point))
        self.before.append(
            self.operator("RESHAPE", [scaled, self.constant(list(shape))], result, "ReshapeOptions")
        )
        return result


def shapes(maker):
    """(first, second, output): equal, or one repeats along some axes."""
    shape = (1, maker.size(4), maker.size(4), maker.size(6))[: int(maker.rng.integers(2, 5))]
    other = tuple(1 if maker.rng.integers(3) == 0 else extent for extent in shape)
    cut = int(maker.rng.integers(len(shape)))
    choices = [shape, shape, other, (shape[-1],), (1,) * len(shape), shape[cut:]]
    pair = [shape, choices[maker.rng.integers(len(choices))]]
    if maker.rng.integers(2) and maker.operator != "PRELU":
        pair.reverse()
    return pair[0], pair[1], shape


def scales(maker):
    """Scales of both operands and the output; now and then in simple ratios, where sums meet halves."""
    first = float(np.float32(10 ** maker.rng.uniform(-0.6, 0.3)))
    second = float(np.float32(first * 10 ** maker.rng.uniform(-0.7, 0.7)))
    product = maker.operator in ("MUL", "SQUARED_DIFFERENCE")
    base = first * second if maker.operator == "MUL" else max(first, second) ** (1 + product)
    output = float(
        np.float32(base * 10 ** (maker.rng.uniform(0, 2.3) if product else maker.rng.uniform(-0.3, 0.7)))
    )
    simple = maker.rng.integers(5)
    if simple == 0:
        return first, first, (first * first * 64 if product else first * 2)
    if simple == 1:
        return 0.5, 0.25, (4.0 if product else 0.5)
    if simple == 2 and not product:  # thirds: no linear form
        return first, float(np.float32(first / 3)), float(np.float32(first * 2 / 3))
    return first, second, output


def pair(maker):
    first, second, output = shapes(maker)
    scale = (0.5, 0.5, 0.5) if maker.operator in EXTREMES else scales(maker)
    zero_points = [
        maker.zero_point() if maker.rng.integers(2) else int(maker.rng.integers(-30, 30)) for _ in "123"
    ]
    if maker.operator in EXTREMES:
        zero_points = zero_points[:1] * 3
    kind = int(maker.rng.integers(4))
    sliced = Sliced(maker, [math.prod(first)] + [math.prod(second)] * (kind > 1))
    inputs = [sliced.part(first, scale[0], zero_points[0])]
    if kind == 0:  # one tensor twice
        inputs, output = inputs * 2, first
    elif kind == 1:
        values = maker.rng.integers(-128, 128, second)
        inputs.append(sliced.tensor(maker.tensor(second, "int8", scale[1], zero_points[1], values)))
    else:
        inputs.append(sliced.part(second, scale[1], zero_points[1]))
    if maker.rng.integers(2) and kind == 1 and maker.operator != "PRELU":
        inputs.reverse()
    target = sliced.tensor(maker.activation(output, scale[2], zero_points[2]))
    options = {"fusedActivationFunction": int(maker.rng.choice([0, 0, 1, 2, 3]))}
    kind = OPTIONS.get(maker.operator, "MaximumMinimumOptions" if maker.operator in EXTREMES else "NONE")
    options = options if maker.operator in ("ADD", "MUL", "SUB") else {}
    model = maker.model(maker.operator, sliced.tensors, inputs, target, 0, kind, options)
    model.before = sliced.before
    return model


def concatenation(maker):
    shape = [1, *(maker.size(5) for _ in range(int(maker.rng.integers(1, 4))))]
    axis, count = int(maker.rng.integers(1, len(shape))), maker.size(4)
    parts = [
        tuple(maker.size(5) if i == axis else extent for i, extent in enumerate(shape)) for _ in range(count)
    ]
    zero_point = maker.zero_point()
    sliced = Sliced(maker, [math.prod(part) for part in parts])
    inputs = [sliced.part(part, 0.5, zero_point) for part in parts]
    if count > 1 and maker.rng.integers(3) == 0:
        values = maker.rng.integers(-128, 128, parts[-1])
        inputs[-1] = sliced.tensor(maker.tensor(parts[-1], "int8", 0.5, zero_point, values))
    if count > 1 and maker.rng.integers(3) == 0:
        inputs.append(inputs[0])
        parts.append(parts[0])
    total = tuple(
        sum(part[axis] for part in parts) if i == axis else extent for i, extent in enumerate(shape)
    )
    target = sliced.tensor(maker.activation(total, 0.5, zero_point))
    options = {"axis": axis - len(shape) if maker.rng.integers(2) else axis}
    model = maker.model("CONCATENATION", sliced.tensors, inputs, target, 0, "ConcatenationOptions", options)
    model.before = sliced.before
    return model


def batch_matmul(maker):
    """Matrices either way round, in batches, of which one operand may have a single one, or be constant."""
    batch = tuple(maker.size(3) for _ in range(int(maker.rng.integers(3))))
    rows, depth, columns = maker.size(6), maker.size(9), maker.size(7)
    adjoint = [bool(maker.rng.integers(2)) for _ in "12"]
    matrices = [(rows, depth), (depth, columns)]
    shapes = [
        (*batch, *(reversed(matrix) if adj else matrix))
        for matrix, adj in zip(matrices, adjoint, strict=True)
    ]
    single = int(maker.rng.integers(5))
    if single < 2:
        shapes[single] = shapes[single][len(batch) :]
    first, second = (float(np.float32(10 ** maker.rng.uniform(-1, 0))) for _ in "12")
    zero_points = [maker.zero_point() for _ in "123"]
    kind = int(maker.rng.integers(5))
    if kind == 0:  # one tensor twice
        adjoint, shapes, second, columns = [adjoint[0], not adjoint[0]], [shapes[0]] * 2, first, rows
    sliced = Sliced(maker, [math.prod(shape) for shape in shapes])
    inputs = [sliced.part(shapes[0], first, zero_points[0])]
    if kind == 0:
        inputs *= 2
    elif kind == 1:
        values = maker.weights(shapes[1])
        inputs.append(sliced.tensor(maker.tensor(shapes[1], "int8", second, zero_points[1], values)))
    else:
        inputs.append(sliced.part(shapes[1], second, zero_points[1]))
    scale = float(np.float32(first * second * depth * 10 ** maker.rng.uniform(0.3, 1.7)))
    target = sliced.tensor(maker.activation((*batch, rows, columns), scale, zero_points[2]))
    options = {"adjX": adjoint[0], "adjY": adjoint[1]}
    model = maker.model("BATCH_MATMUL", sliced.tensors, inputs, target, 0, "BatchMatMulOptions", options)
    model.before = sliced.before
    return model


MAKERS = {
    "ADD": pair,
    "BATCH_MATMUL": batch_matmul,
    "CONCATENATION": concatenation,
    "MAXIMUM": pair,
    "MINIMUM": pair,
    "MUL": pair,
    "PRELU": pair,
    "SQUARED_DIFFERENCE": pair,
    "SUB": pair,
}
