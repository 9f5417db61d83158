"""The intermediate representation: tensors and operators in execution order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OracleKind = Literal["tflite", "tflm"]

_WITHOUT_REFERENCE: Final = frozenset({"CEIL", "ELU", "REVERSE_V2", "ROUND"})


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

    ``intermediates``: tensors that only carry the quantisation of what the operator computes inside.
    """

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: dict[str, Any] = field(default_factory=dict)
    intermediates: tuple[int, ...] = ()


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
        """Whether TFLite's reference kernels compute it: they refuse int8 REVERSE_V2, and
        have no ELU, CEIL and ROUND.

        The oracle of such a model is the builtin kernels without delegates. Their FULLY_CONNECTED rounds
        twice; the second rounding takes halves up on x86, not away from zero.
        """
        return not any(
            each.name in _WITHOUT_REFERENCE
            for operator in self.operators
            for each in (operator, *operator.options.get("operators", ()))
        )
