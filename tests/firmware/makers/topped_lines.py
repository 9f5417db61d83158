"""Drawn convolutions along a line with the largest of all their positions behind them, without TensorFlow."""

import lines
import numpy as np

from zerotap.firmware.graph import Graph, Operator

VALID = 1
WIDE = {24: (8, 32), 25: (12, 40), 26: (4, 115)}
"""(channels, taps) of seeds whose windows are long: up to the most, and of no whole eights."""
TILED = {24: (48, 8), 25: (40, 8), 26: (1, 13), 55: (44, 7)}
"""(channels, taps) of seeds with many channels, and with more taps."""


def topped(seed: int) -> Graph:
    """CONV_2D of whole words of inputs, any number of positions from three on, then MAX_POOL_2D over all."""
    rng = np.random.default_rng(seed)
    stride, positions, outputs = int(rng.integers(1, 3)), int(rng.integers(3, 12)), int(rng.integers(1, 20))
    drawn = int(rng.choice([4, 8, 12])), int(rng.integers(1, 9))
    return _graph(rng, seed, WIDE.get(seed, drawn), (stride, positions), outputs)


def tiled(seed: int) -> Graph:
    """The same of any channels with stride 1, of up to 8 taps and three tiles of 8 positions or more."""
    rng = np.random.default_rng(seed)
    positions, outputs = int(rng.integers(2, 48)), int(rng.integers(1, 7))
    drawn = int(rng.integers(1, 14)), int(rng.integers(2, 9))
    return _graph(rng, seed, TILED.get(seed, drawn), (1, positions), outputs)


def _graph(
    rng: np.random.Generator, seed: int, shape: tuple[int, int], steps: tuple[int, int], outputs: int
) -> Graph:
    """Of ``shape`` (channels, taps) and ``steps`` (stride, positions)."""
    (channels, taps), (stride, positions) = shape, steps
    length = (positions - 1) * stride + taps + int(rng.integers(stride))
    weights = lines.drawn_weights(rng, (outputs, 1, taps, channels))
    spread = np.sqrt(taps * channels) * max(1, int(np.abs(weights).max()))
    factors = 20 * spread * rng.uniform(0.1, 2, outputs)
    tensors = [
        lines.tensor(0, (1, 1, length, channels), 1 / 64, int(rng.integers(-128, 128))),
        lines.tensor(1, weights.shape, 1 / factors, 0, weights),
        lines.tensor(2, (outputs,), 1.0, 0, rng.integers(-2000, 2000, outputs).astype(np.int32)),
        lines.tensor(3, (1, 1, positions, outputs), 1 / 64, int(rng.choice([-128, rng.integers(-128, 128)]))),
    ]
    tensors.append(lines.tensor(4, (1, 1, 1, outputs), 1 / 64, int(tensors[3].zero_point[0])))
    conv = Operator("CONV_2D", (0, 1, 2), (3,), lines.options(VALID, stride, int(rng.integers(2))))
    pool = lines.options(VALID, positions, 0, filter_height=1, filter_width=positions)
    oracle = "tflm" if seed % 3 == 0 else "tflite"
    return Graph(tuple(tensors), (conv, Operator("MAX_POOL_2D", (3,), (4,), pool)), 0, 4, oracle=oracle)
