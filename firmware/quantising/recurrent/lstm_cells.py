"""Which loops are Keras's LSTM, and the function that TensorFlow's converter makes one operator of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .loops import Loop

_OPERATIONS: Final = {"Sigmoid": 3, "Tanh": 2, "Mul": 3, "Split": 1, "MatMul": 2}
# A name that begins with lstm_ is what the converter looks for; the rest is only a name.
_ATTRIBUTES: Final = {
    "api_preferred_device": "CPU",
    "time_major": True,
    "go_backwards": False,
}
_SAMPLES: Final = 4
_TOLERANCE: Final = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class LstmCell:
    """Weights float32 in Keras's order of gates (input, forget, cell, output).

    ``kernel`` (inputs, 4 * cells), ``recurrent`` (cells, 4 * cells), ``bias`` (4 * cells,); ``states`` are
    the loop's places of the hidden state and of the cells.
    """

    kernel: NDArray[np.float32]
    recurrent: NDArray[np.float32]
    bias: NDArray[np.float32]
    states: tuple[int, int]

    @property
    def cells(self) -> int:
        """Number of cells."""
        return len(self.recurrent)

    def step(self, row: NDArray[Any], hidden: NDArray[Any], cells: NDArray[Any]) -> tuple[Any, Any]:
        """Hidden state and cells after one row, (1, ...) each."""
        gates = row @ self.kernel + hidden @ self.recurrent + self.bias
        opened, kept, changed, shown = np.split(gates, 4, axis=1)
        cells = _sigmoid(kept) * cells + _sigmoid(opened) * np.tanh(changed)
        return _sigmoid(shown) * np.tanh(cells), cells


def lstm_cell(loop: Loop, fixed: dict[str, NDArray[Any]]) -> LstmCell | None:
    """The weights of a loop that is an LSTM by what it computes; None where it is anything else.

    ``fixed``: the constants behind the loop's fixed inputs, by their names in the body.
    """
    counted = Counter(operation.type for operation in loop.body.get_operations())
    if len(loop.rows) != 1 or len(loop.states) != 2:
        return None
    if any(counted[kind] != count for kind, count in _OPERATIONS.items()):
        return None
    cell = _weights(fixed)
    if cell is None:
        return None
    for states in ((0, 1), (1, 0)):
        candidate = LstmCell(*cell, states)
        if _computes(loop, fixed, candidate):
            return candidate
    return None


def _weights(
    fixed: dict[str, NDArray[Any]],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]] | None:
    """Kernel, recurrent kernel and bias; by their order where their shapes are alike."""
    matrices = [values for values in fixed.values() if values.ndim == 2 and values.dtype == np.float32]
    vectors = [values for values in fixed.values() if values.ndim == 1 and values.dtype == np.float32]
    if len(matrices) != 2 or len(vectors) > 1:
        return None
    kernel, recurrent = matrices
    if recurrent.shape[1] != 4 * recurrent.shape[0]:
        kernel, recurrent = recurrent, kernel
    gates = 4 * len(recurrent)
    bias = vectors[0] if vectors else np.zeros(gates, np.float32)
    if kernel.shape[1] != gates or recurrent.shape[1] != gates or bias.shape != (gates,):
        return None
    return kernel, recurrent, bias


def _computes(loop: Loop, fixed: dict[str, NDArray[Any]], cell: LstmCell) -> bool:
    """Whether the body and the cell give the same for drawn rows and states, and write the hidden state."""
    rng = np.random.default_rng(0)
    hidden, cells = cell.states
    for _ in range(_SAMPLES):
        row = rng.normal(0, 1, (1, len(cell.kernel))).astype(np.float32)
        before = [rng.normal(0, 1, (1, cell.cells)).astype(np.float32) for _ in range(2)]
        try:
            after = _run_body(loop, fixed, row, before)
        except ValueError:  # another shape than an LSTM's
            return False
        wanted_hidden, wanted_cells = cell.step(row, before[hidden], before[cells])
        wanted = {hidden: wanted_hidden, cells: wanted_cells}
        values = [(after[0], wanted_hidden), *((after[1 + at], wanted[at]) for at in range(2))]
        if not all(a.shape == b.shape and np.allclose(a, b, atol=_TOLERANCE) for a, b in values):
            return False
    return True


def _run_body(
    loop: Loop, fixed: dict[str, NDArray[Any]], row: NDArray[Any], states: list[NDArray[Any]]
) -> list[NDArray[Any]]:
    """What one step writes, and its states after it."""
    import tensorflow as tf

    written = {value for _, value, _ in loop.written}
    wanted = [next(iter(written)) if len(written) == 1 else loop.states[0][1]]
    wanted += [after for _, after, _, _ in loop.states]
    with tf.Graph().as_default() as graph:
        known = {name: tf.constant(value) for name, value in fixed.items()}
        known |= {before: tf.constant(value) for (before, *_), value in zip(loop.states, states, strict=True)}
        known[loop.rows[0][0]] = tf.constant(row)
        results = tf.graph_util.import_graph_def(
            loop.body.as_graph_def(), input_map=known, return_elements=wanted, name="step"
        )
        with tf.compat.v1.Session(graph=graph) as session:
            values: list[NDArray[Any]] = session.run(results)
    return values


def fused(cell: LstmCell, number: int, rows: Any, hidden: Any, cells: Any) -> tuple[Any, Any, Any]:  # noqa: ANN401
    """The LSTM as a call that the converter fuses: all hidden states (steps, 1, cells), the last, the cells.

    ``rows``: (steps, 1, inputs); ``number`` tells the layers of a model apart.
    """
    import tensorflow as tf

    def lstm(rows: Any, hidden: Any, cells: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:  # noqa: ANN401
        outputs = []
        for row in tf.unstack(rows):
            gates = tf.matmul(row, kernel) + tf.matmul(hidden, recurrent) + bias
            opened, kept, changed, shown = tf.split(gates, 4, axis=1)
            cells = tf.sigmoid(kept) * cells + tf.sigmoid(opened) * tf.tanh(changed)
            hidden = tf.sigmoid(shown) * tf.tanh(cells)
            outputs.append(hidden)
        return hidden, tf.stack(outputs), hidden, cells, tf.constant(0.0)

    # TensorFlow may run any function of the process that has the same name, another model's too.
    name = f"lstm_{number}_{'_'.join(map(str, rows.shape))}_{cell.cells}"
    function = tf.function(
        lstm, autograph=False, experimental_attributes={"api_implements": name, **_ATTRIBUTES}
    )
    weights = [tf.constant(each) for each in (cell.kernel, cell.recurrent, cell.bias)]
    _, outputs, last, cells, _ = function(rows, hidden, cells, *weights)
    return outputs, last, cells


def _sigmoid(values: NDArray[Any]) -> NDArray[Any]:
    result: NDArray[Any] = 1 / (1 + np.exp(-values))
    return result
