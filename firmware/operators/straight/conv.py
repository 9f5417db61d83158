"""CONV_2D along a line in straight line, alone or with what comes behind it, as further implementations."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.operators.parts import weighted
from zerotap.firmware.operators.parts.interface import Emission, Implementation
from zerotap.firmware.operators.parts.outputs import Outputs
from zerotap.firmware.operators.parts.requantisation import found_scales
from zerotap.firmware.operators.parts.window_positions import Line

from .emission import calls, functions
from .ends import Ending
from .layers import StraightLayer
from .packing import PACK, Pairing

# More weights than a board's flash holds in this form; their text would take long to make, too.
_WEIGHTS_MOST: Final = 40_000
# The layer's function around all calls: gcc 12 -O2.
_LAYER_CYCLES: Final = 10


def stored(
    line: Line | None, weights: NDArray[np.int8], outputs: Outputs, fill: int
) -> tuple[Implementation, ...]:
    """The layer alone; ``fill`` lies around the input.

    Each position goes with the one half the line further on; of an odd number one is computed twice, alike.
    """
    apart = line.positions // 2 if line else 0
    if line is None or apart == 0:
        return ()
    pairs = Pairing(line, apart, 1, line.positions - apart)
    return _offered(pairs, weights, outputs, fill, Ending.STORE)


def pooled(
    line: Line, weights: NDArray[np.int8], outputs: Outputs, every: int, windows: int
) -> tuple[Implementation, ...]:
    """The layer with the maximum over two neighbours behind it, ``windows`` of them, ``every`` so many."""
    return _offered(Pairing(line, 1, every, windows), weights, outputs, 0, Ending.MAXIMUM)


def _offered(
    pairs: Pairing, weights: NDArray[np.int8], outputs: Outputs, fill: int, ending: Ending
) -> tuple[Implementation, ...]:
    form = found_scales(outputs) if weights.size <= _WEIGHTS_MOST else None
    if form is None:
        return ()
    count, inputs = weights.shape
    layer = StraightLayer(pairs, weights.tobytes(), inputs, form, ending, count * pairs.apart, count)
    return (
        Implementation(
            f"straight line, {ending.value}",
            (PACK,),
            form.size_bytes * count + pairs.fill_bytes,
            _LAYER_CYCLES + pairs.cycles + layer.bodies.cycles,
            partial(_emit, layer, outputs, fill),
            pairs.scratch_bytes,
            code_bytes=layer.bodies.code_bytes,
            stack_bytes=layer.bodies.stack_bytes,
        ),
    )


def _emit(layer: StraightLayer, outputs: Outputs, fill: int, label: str) -> Emission:
    constants = weighted.range_comment(outputs) + layer.scales.table(label)
    constants += layer.pairs.constants(label, fill)
    body = weighted.body(calls(layer, label, "output"))
    return Emission(constants, body, assembly=functions(layer, label))
