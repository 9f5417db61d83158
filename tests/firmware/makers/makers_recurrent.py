"""Models with one operator of recurrent networks."""

import numpy as np


def reverse_v2(maker):
    shape = tuple(maker.size(6) for _ in range(maker.size(3)))
    source = maker.activation((1, *shape))
    rank = len(shape) + 1
    axes = [int(maker.rng.integers(-rank, rank))]
    if maker.rng.integers(3) == 0:
        first = int(maker.rng.integers(rank))
        axes = maker.rng.permutation(np.arange(first, int(maker.rng.integers(first, rank)) + 1)).tolist()
    target = maker.activation((1, *shape), source.scale, source.zero_point)
    tensors = [source, maker.tensor((len(axes),), "int32", data=axes), target]
    return maker.model(maker.operator, tensors, [0, 1], 2, 0, "ReverseV2Options")


def gate_scale(maker, source_scale: float, width: int, most: float) -> float:
    """A weights' scale that lets gates reach up to ``most`` times what they can hold."""
    reach = most * float(10 ** maker.rng.uniform(-2, 0))
    return float(np.float32(8 * reach / (source_scale * 255 * 127 * width)))


def lstm(maker):
    """Inputs 0 to 23 as the operator has them; the tensors that are absent are -1."""
    steps, width, cells = maker.size(7), maker.size(12), maker.size(9)
    time_major = bool(maker.rng.integers(2))
    order = (lambda last: (steps, 1, last)) if time_major else (lambda last: (1, steps, last))
    source = maker.activation(order(width))
    state = maker.activation((1, cells), float(np.float32(10 ** maker.rng.uniform(-2.6, -1.8))))
    state.variable = True
    cell_bits = int(maker.rng.integers(5))
    cell = maker.tensor((1, cells), "int16", 2.0 ** (cell_bits - 15), 0, variable=True)
    target = maker.activation(order(cells), state.scale, state.zero_point)
    tensors, inputs = [source, state, cell, target], [-1] * 24
    # Gates that cannot saturate, that hardly do, or whose scales are above 1.
    most = float(maker.rng.choice([0.4, 2, 100]))
    inputs[0], inputs[18], inputs[19] = 0, 1, 2
    for position in range(1, 9):
        values, columns = (source, width) if position < 5 else (state, cells)
        shape, scale = (cells, columns), gate_scale(maker, values.scale, columns, most)
        inputs[position] = len(tensors)
        tensors.append(maker.tensor(shape, "int8", scale, 0, maker.weights(shape)))
        if position < 5:
            limit = int(maker.rng.choice([1, 1000, 1 << 18])) if most > 1 else width * 1000
            bias = maker.rng.integers(-limit, limit + 1, cells)
            inputs[11 + position] = len(tensors)
            tensors.append(maker.tensor((cells,), "int32", values.scale * scale, 0, bias))
    first = len(tensors)
    tensors += [maker.tensor((0,), "float32") for _ in range(4)]
    # Keras' converter calibrates it apart from the state.
    tensors.append(maker.activation((0,), float(np.float32(10 ** maker.rng.uniform(-2.6, -1.8)))))
    clip = float(maker.rng.choice([0, 10, maker.rng.uniform(0.1, 20)]))
    options = {"fusedActivationFunction": 4, "cellClip": clip, "timeMajor": time_major}
    kind = "UnidirectionalSequenceLSTMOptions"
    intermediates = list(range(first, first + 5))
    return maker.model(maker.operator, tensors, inputs, 3, 0, kind, options, intermediates=intermediates)


def svdf(maker, dtype: str = "int16"):
    """States that saturate or hardly move, sums within 2^30, beyond it or even beyond int32."""
    inputs, units, rank, memory = maker.size(20), maker.size(9), maker.size(3), maker.size(6)
    filters, most = units * rank, int(np.iinfo(dtype).max)
    source, target = maker.activation((1, inputs)), maker.activation((1, units))
    features = maker.tensor((filters, inputs), "int8", maker.scale(), 0, maker.weights((filters, inputs)))
    # The state that the largest sum becomes, and what the largest of the output's sums becomes.
    reach = most * float(10 ** maker.rng.uniform(-1, 0.5))
    zero_point = maker.zero_point() if dtype == "int8" else 0
    scale = float(np.float32(source.scale * features.scale * 255 * 127 * inputs / reach))
    state = maker.tensor((1, filters * memory), dtype, scale, zero_point, variable=True)
    limit = int(maker.rng.choice([most, most // 50, 3]))
    weights = maker.rng.integers(-limit, limit + 1, (filters, memory))
    if maker.rng.integers(4) == 0:
        weights = np.full((filters, memory), limit)
    total = rank * memory * limit * most
    near = float(np.float32(128 * 10 ** maker.rng.uniform(-0.3, 1.5) / total))
    time = maker.tensor((filters, memory), dtype, float(np.float32(target.scale * near / scale)), 0, weights)
    bias = maker.rng.integers(-total // 9, total // 9 + 1, units).clip(-(1 << 30), 1 << 30)
    tensors = [
        source,
        features,
        time,
        maker.tensor((units,), "int32", scale * time.scale, 0, bias),
        state,
        target,
    ]
    options = {"rank": rank, "fusedActivationFunction": 1}
    return maker.model(maker.operator, tensors, [0, 1, 2, 3, 4], 5, 0, "SVDFOptions", options)


MAKERS = {"REVERSE_V2": reverse_v2, "SVDF": svdf, "UNIDIRECTIONAL_SEQUENCE_LSTM": lstm}
