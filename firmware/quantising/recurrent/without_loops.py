"""A model without loops: each of Keras's is one LSTM operator, or its steps one after the other."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.quantising.tracing import Names, tflite_of

from .loops import Loop, loops
from .lstm_cells import LstmCell, fused, lstm_cell
from .slices import slices_for_reverses
from .unrolling import is_zero, unrolled

_CHECKED: Final = 3
_STEPS_APART: Final = 16
_TOLERANCE: Final = 1e-3


def float_tflite(function: Any, names: Names, source: str) -> bytes | None:  # noqa: ANN401
    """The float .tflite of a concrete function; None where it has no loop.

    ``names``: what its inputs and outputs are called, in order; ``source`` names the model in errors. Raises
    ModelError for a loop that is none of Keras's over a fixed number of rows, and where the model without
    loops computes anything else than the model.
    """
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    frozen = convert_variables_to_constants_v2(function, lower_control_flow=False, aggressive_inlining=True)
    try:
        found = loops(frozen.graph)
        if not found:
            return None
        rebuilt = _Rebuilt(frozen, found)
        _check(frozen, rebuilt)
    except ModelError as error:
        raise ModelError(f"{source}: {error}") from error
    return rebuilt.convert(names)


class _Rebuilt:
    """The frozen graph as a function again, a loop after the other replaced."""

    def __init__(self, frozen: Any, found: list[Loop]) -> None:  # noqa: ANN401
        import tensorflow as tf

        self._definition = frozen.graph.as_graph_def()
        self._renamed = slices_for_reverses(self._definition, frozen.graph)
        self._sources = [each.name for each in frozen.inputs]
        self._targets = [each.name for each in frozen.outputs]
        self._loops = found
        self.specifications = [
            tf.TensorSpec(each.shape, each.dtype, f"input_{place}")
            for place, each in enumerate(frozen.inputs)
        ]
        self.function = tf.function(self._run, self.specifications, autograph=False)

    def _run(self, *windows: Any) -> list[Any]:  # noqa: ANN401
        known = dict(zip(self._sources, windows, strict=True))
        for number, loop in enumerate(self._loops):
            self._replace(number, loop, known)
        return self._imported(known, self._targets)

    def _imported(self, known: dict[str, Any], names: list[str]) -> list[Any]:
        import tensorflow as tf

        names = [self._renamed.get(name, name) for name in names]
        missing = list(dict.fromkeys(name for name in names if name not in known))
        part, met = _part(self._definition, missing, known)
        results: list[Any] = tf.graph_util.import_graph_def(
            part, input_map={name: known[name] for name in met}, return_elements=missing, name=""
        )
        found = dict(zip(missing, results, strict=True)) | known
        return [found[name] for name in names]

    def _replace(self, number: int, loop: Loop, known: dict[str, Any]) -> None:
        """Enter what a loop's outputs are now into ``known``."""
        rows = self._imported(known, [outer for _, outer in loop.rows])
        first = self._imported(known, [before for _, _, before, _ in loop.states])
        fixed = dict(zip(loop.fixed, self._imported(known, list(loop.fixed.values())), strict=True))
        cell = lstm_cell(loop, _constants(fixed))
        if cell is None or not all(is_zero(each) for each in first) or self._gives_cells(loop, cell):
            written, last = unrolled(loop, number, rows, first, fixed)
        else:
            hidden, cells = cell.states
            outputs, *after = fused(cell, number, rows[0], first[hidden], first[cells])
            last = after if hidden == 0 else after[::-1]
            written = [outputs if every else outputs[-1:] for _, _, every in loop.written]
        known |= {outer: value for (outer, _, _), value in zip(loop.written, written, strict=True)}
        known |= {outer: value for (_, _, _, outer), value in zip(loop.states, last, strict=True)}

    def _gives_cells(self, loop: Loop, cell: LstmCell) -> bool:
        """Whether the model goes on with the cells after the last step, which the LSTM operator keeps."""
        last = loop.states[cell.states[1]][3]
        part, _ = _part(self._definition, self._targets, {})
        is_read = any(last in node.input for node in part.node)
        if is_read and loop.steps > _STEPS_APART:
            raise ModelError(
                f"the LSTM {loop.name} gives its cells to other layers (return_state=True) after "
                f"{loop.steps} steps, of which each would have code of its own; give them its output."
            )
        return is_read

    def convert(self, names: Names) -> bytes:
        """The .tflite: what is called is kept apart, of which the converter makes one operator."""
        return tflite_of(self.function.get_concrete_function(), names, keeps_calls=True)


def _part(definition: Any, names: list[str], known: dict[str, Any]) -> tuple[Any, set[str]]:  # noqa: ANN401
    """The nodes that tensors depend on, up to those that are known, and which of these that are.

    A loop has effects, in TensorFlow's eyes, and would stay although nothing reads it.
    """
    nodes = {node.name: node for node in definition.node}
    needed: set[str] = set()
    met: set[str] = set()
    waiting = [name.partition(":")[0] for name in names]
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        needed.add(name)
        for source in nodes[name].input:
            tensor = source if ":" in source else f"{source}:0"
            if tensor in known:
                met.add(tensor)
            elif not source.startswith("^"):
                waiting.append(source.partition(":")[0])
    part = type(definition)()
    part.CopyFrom(definition)
    del part.node[:]
    for node in definition.node:
        if node.name in needed:
            kept = part.node.add()
            kept.CopyFrom(node)
            kept.input[:] = [source for source in node.input if not source.startswith("^")]
    return part, met


def _constants(tensors: dict[str, Any]) -> dict[str, NDArray[Any]]:
    from tensorflow.python.framework.tensor_util import constant_value

    values = {name: constant_value(tensor) for name, tensor in tensors.items()}
    return {name: value for name, value in values.items() if value is not None}


def _check(frozen: Any, rebuilt: _Rebuilt) -> None:  # noqa: ANN401
    rng = np.random.default_rng(0)
    for _ in range(_CHECKED):
        windows = [_drawn(each, rng) for each in rebuilt.specifications]
        pairs = zip(frozen(*windows), rebuilt.function(*windows), strict=True)
        if not all(np.allclose(a, b, atol=_TOLERANCE, rtol=_TOLERANCE) for a, b in pairs):
            raise ModelError(
                "its loops compute something that zerotap does not know; use keras.layers.LSTM, GRU or "
                "SimpleRNN."
            )


def _drawn(specification: Any, rng: np.random.Generator) -> Any:  # noqa: ANN401
    import tensorflow as tf

    drawn = rng.normal(0, 1, specification.shape) if specification.dtype.is_floating else 0
    return tf.cast(tf.broadcast_to(drawn, specification.shape), specification.dtype)
