"""The intermediate representation: tensors and operators in execution order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OracleKind = Literal["tflite", "tflm"]


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """One tensor of a .tflite.

    ``shape`` with the batch of 1 that every model here has, ``dtype`` a NumPy dtype name ("int8", "int32").
    ``scale`` float64 (1,) or (channels,), ``zero_point`` int64 of the same shape, both empty where the tensor
    is not quantised; ``data`` the constant, or None for an activation. ``channel_axis`` is the axis that
    several scales run along. ``variable``: an operator's state, which every inference begins anew.
    """

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: NDArray[np.float64]
    zero_point: NDArray[np.int64]
    data: NDArray[Any] | None = field(default=None, repr=False)
    channel_axis: int = 0
    variable: bool = False

    @property
    def size(self) -> int:
        """Number of elements."""
        size = 1
        for extent in self.shape:
            size *= extent
        return size


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: TFLite's builtin name, tensor indices (-1 for an absent optional input), its options.

    ``intermediates``: tensors that only carry the quantisation of what the operator computes inside;
    ``version``: the file's, by which TensorFlow chooses among its kernels.
    """

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: dict[str, Any] = field(default_factory=dict)
    intermediates: tuple[int, ...] = ()
    version: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """A model with one input and one output.

    ``oracle`` says whose bits are computed: "tflite", TensorFlow's reference kernels, or "tflm", those of
    TensorFlow Lite Micro. ``file_dtypes``: of the file's own input and output, where the board has others.
    ``content``: the .tflite that it was read from, tensors and operators by the same indices and outputs.
    """

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    input: int
    output: int
    source: str = ""
    oracle: OracleKind = "tflite"
    file_dtypes: tuple[str, str] | None = None
    content: bytes = field(default=b"", repr=False)

    def __repr__(self) -> str:
        source, target = self.tensors[self.input], self.tensors[self.output]
        ends = f"{source.dtype} {source.shape} -> {target.dtype} {target.shape}"
        return f"<Graph of {self.source or 'a model'}: {len(self.operators)} operators, {ends}>"

    @property
    def has_reference_kernels(self) -> bool:
        """Whether TFLite's reference kernels compute it: they refuse TILE, DEPTH_TO_SPACE and REVERSE_V2
        of the versions that the converter writes for int8, and have no ELU, CEIL and ROUND.

        The oracle of such a model is the builtin kernels without delegates. Their FULLY_CONNECTED rounds
        twice; the second rounding takes halves up on x86, not away from zero.
        """
        return not any(
            lacks_reference_kernel(each)
            for operator in self.operators
            for each in (operator, *operator.options.get("operators", ()))
        )


_WITHOUT_REFERENCE: Final = frozenset({"CEIL", "ELU", "ROUND"})
# The last version that TensorFlow 2.21's reference kernels have, where the builtin ones have a later one.
_REFERENCE_VERSIONS: Final = {
    "ARG_MAX": 2,
    "DEPTHWISE_CONV_2D": 6,
    "DEPTH_TO_SPACE": 1,
    "GATHER": 6,
    "PACK": 3,
    "PAD": 4,
    "PADV2": 4,
    "REVERSE_V2": 2,
    "SQUEEZE": 1,
    "STRIDED_SLICE": 4,
    "TILE": 2,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": 3,
}


def lacks_reference_kernel(operator: Operator) -> bool:
    """Whether TFLite has an operator of this version among its builtin kernels alone."""
    known = operator.version <= _REFERENCE_VERSIONS.get(operator.name, operator.version)
    return operator.name in _WITHOUT_REFERENCE or not known
