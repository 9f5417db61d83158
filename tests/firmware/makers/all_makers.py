"""Every operator's maker; the rooms of makers_*.py are joined here."""

from dataclasses import replace

import makers_moves
import makers_pairs
import makers_plain
import makers_recurrent
import makers_states
import makers_views
import makers_windows
import numpy as np
from makers_core import Maker

from zerotap.firmware import Graph, read_tflite

ROOMS = (
    makers_moves,
    makers_pairs,
    makers_plain,
    makers_recurrent,
    makers_states,
    makers_views,
    makers_windows,
)
MAKERS = {operator: maker for room in ROOMS for operator, maker in room.MAKERS.items()}
SAMPLES = 64
# Operators that have kernels of their own for TensorFlow Lite Micro.
MICRO = frozenset({"UNIDIRECTIONAL_SEQUENCE_LSTM"})


def of_each_oracle(graph: Graph, operator: str) -> list[Graph]:
    """The graph as each oracle has it that has kernels of its own for the operator."""
    return [graph, replace(graph, oracle="tflm")] if operator in MICRO else [graph]


def make(writer, operator: str, seed: int):
    """(file content, graph, samples) of one case."""
    maker = Maker(writer, operator, seed)
    spec = MAKERS[operator](maker)
    content = maker.write(spec)
    source = spec.tensors[spec.model_input]
    if source.dtype == "int32":
        rows = spec.tensors[0].shape[0]
        samples = maker.rng.integers(0, rows, (SAMPLES, *source.shape)).astype(np.int32)
    else:
        samples = maker.rng.integers(-128, 128, (SAMPLES, *source.shape)).astype(np.int8)
        samples[0], samples[1] = -128, 127
    return content, read_tflite(content), samples
