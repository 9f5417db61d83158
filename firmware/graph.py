"""The intermediate representation: tensors and operators in execution order."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OracleKind = Literal["tflite", "tflm"]
READ: Final = "READ_VARIABLE"
ASSIGN: Final = "ASSIGN_VARIABLE"


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """One tensor of a .tflite.

    ``shape`` with the batch of 1 that every model here has, ``dtype`` a NumPy dtype name ("int8", "int32").
    ``scale`` float64 (1,) or (channels,), ``zero_point`` int64 of the same shape, both empty where the tensor
    is not quantised; ``data`` the constant, or None for an activation. ``channel_axis`` is the axis that
    several scales run along. ``variable``: a state, which every inference begins anew unless it is one of
    the graph's.
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
class State:
    """What an inference leaves for the next.

    ``tensor``: whose elements they are; ``initial``: what they are before the first inference, and what
    NAME_reset sets, of the tensor's shape and dtype. ``is_resource``: READ_VARIABLE reads it and
    ASSIGN_VARIABLE writes it; otherwise an operator has it as an input and does both.
    """

    tensor: int
    initial: NDArray[Any] = field(repr=False)
    is_resource: bool


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """A model: ``input`` and ``output`` are the first of its ends, behind ``more_...`` are all others.

    ``oracle`` says whose bits are computed: "tflite", TensorFlow's reference kernels, or "tflm", those of
    TensorFlow Lite Micro. ``file_dtypes``: of the file's own inputs, then outputs, where the board has
    others. ``end_names``: the names of the inputs and of the outputs, C identifiers, each unlike all others;
    empty where there is one of each. ``content``: the .tflite that it was read from, tensors and operators by
    the same indices and outputs. ``has_reference_kernels``: whether TFLite's reference kernels have every
    operator of the file, in its version. If not, the builtin kernels without delegates are the oracle of all:
    their FULLY_CONNECTED rounds twice; the second rounding takes halves up on x86, not away from zero.
    ``states``: what inferences pass on, so that samples are one stream. An ASSIGN_VARIABLE has an output
    here, what it makes of the state, which no file has; a later READ_VARIABLE reads that.
    """

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    input: int
    output: int
    source: str = ""
    oracle: OracleKind = "tflite"
    file_dtypes: tuple[str, ...] | None = None
    more_inputs: tuple[int, ...] = ()
    more_outputs: tuple[int, ...] = ()
    end_names: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    content: bytes = field(default=b"", repr=False)
    has_reference_kernels: bool = True
    states: tuple[State, ...] = ()

    def __repr__(self) -> str:
        sides = [[self.tensors[index] for index in side] for side in (self.inputs, self.outputs)]
        ends = " -> ".join(", ".join(f"{each.dtype} {each.shape}" for each in side) for side in sides)
        return f"<Graph of {self.source or 'a model'}: {len(self.operators)} operators, {ends}>"

    @property
    def inputs(self) -> tuple[int, ...]:
        """The tensors that the caller gives."""
        return (self.input, *self.more_inputs)

    @property
    def outputs(self) -> tuple[int, ...]:
        """The tensors that the caller gets."""
        return (self.output, *self.more_outputs)

    @property
    def rounds_as_builtin(self) -> bool:
        """Whether TFLite's builtin kernels are the oracle, whose roundings are others."""
        return self.oracle == "tflite" and not self.has_reference_kernels

    @property
    def results(self) -> tuple[int, ...]:
        """What an inference is for: its outputs, and what it makes of states."""
        assigned = (each.outputs for each in self.operators if each.name == ASSIGN)
        return (*self.outputs, *itertools.chain.from_iterable(assigned))

    @property
    def has_several_ends(self) -> bool:
        """Whether it has more than one input or more than one output."""
        return len(self.inputs) > 1 or len(self.outputs) > 1
