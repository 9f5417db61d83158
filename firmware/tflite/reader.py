"""Reads a .tflite into a :class:`Graph` with the schema's generated reader, without TensorFlow.

Every index, bound, type and shape is checked, so a damaged file ends in a ModelError and never in a crash, an
endless loop or a huge allocation.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
import tflite
import tflite.utils
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.graph import Graph, Operator, OracleKind, Tensor

from .arity import ARITIES
from .end_names import end_names
from .model_bytes import ModelFile, no_tflite, tflite_bytes
from .operator_codes import builtin_code, has_one_or_initialising, subgraphs_fault
from .operator_states import operator_states
from .option_tables import OPTIONS
from .reference_kernels import has_reference_kernel
from .resource_variables import CALL, RESOURCE, Part, Variables
from .scales import scales_fault

_DTYPES: Final = {
    tflite.TensorType.FLOAT32: "float32",
    tflite.TensorType.FLOAT16: "float16",
    tflite.TensorType.INT32: "int32",
    tflite.TensorType.UINT8: "uint8",
    tflite.TensorType.INT64: "int64",
    tflite.TensorType.BOOL: "bool",
    tflite.TensorType.INT16: "int16",
    tflite.TensorType.INT8: "int8",
    tflite.TensorType.RESOURCE: RESOURCE,
}

_SCHEMA_VERSION: Final = 3
_TENSOR_SIZE_MAX: Final = 1 << 26
_COUNT_MAX: Final = 1 << 14
_RANK_MAX: Final = 8
_ARITY_MAX: Final = 256
_ENDS_MAX: Final = 64
_OPTION_MAX: Final = (1 << 15) - 1  # TensorFlow's kernels keep strides, dilations and paddings in int16
_SCALE_MIN: Final = 2.0**-62  # so that no quotient of two leaves float32, in which TensorFlow divides them
_SCALE_MAX: Final = 2.0**62

# What the generated reader raises when an offset points outside of the file.
DAMAGE: Final = (struct.error, ValueError, TypeError, IndexError, OverflowError, AttributeError)


def read_tflite(
    path_or_bytes: ModelFile | bytes, oracle: OracleKind = "tflite", *, source: str | None = None
) -> Graph:
    """Read a .tflite, or the one that C source holds, with one subgraph beside those of CALL_ONCE.

    ``oracle`` goes into the graph: whose bits the generated C is to compute. ``source`` is what errors call
    the model, by default its file.

    Raises:
        ModelError: no such file, not a .tflite, damaged, or of a kind that no board program can be made from.
    """
    found, content = _content(path_or_bytes)
    source = source or found
    if fault := no_tflite(content):
        raise ModelError(f"{source}: {fault}")
    try:
        return _Reader(source, content, oracle).graph()
    except DAMAGE as error:
        raise ModelError(
            f"{source}: damaged .tflite, an offset points outside of the file ({error}); make it again."
        ) from error


def _content(path_or_bytes: ModelFile | bytes) -> tuple[str, bytes]:
    if isinstance(path_or_bytes, bytes):
        return "model", path_or_bytes
    return str(path_or_bytes), tflite_bytes(path_or_bytes)


class _Reader:
    """One pass over one file; ``self.place`` names what is being read, for the error."""

    def __init__(self, source: str, content: bytes, oracle: OracleKind) -> None:
        self.source = source
        self.oracle: OracleKind = oracle
        self.content = content
        self.model = tflite.Model.GetRootAs(content)

    def fail(self, place: str, fault: str) -> ModelError:
        """``fault`` with a way out behind a semicolon or colon, or the usual one."""
        way_out = "" if ";" in fault or ":" in fault else "; convert the model again"
        return ModelError(f"{self.source}: {place} {fault}{way_out}.")

    def graph(self) -> Graph:
        if self.model.Version() != _SCHEMA_VERSION:
            raise self.fail("the file", f"has schema version {self.model.Version()}, not {_SCHEMA_VERSION}")
        if not has_one_or_initialising(self.model):
            raise self.fail("the file", subgraphs_fault(self.model))
        subgraph = self.model.Subgraphs(0)
        main = self.part(subgraph)
        tensors = len(main.tensors)
        source, *sources = self.ends("input", subgraph.InputsLength(), subgraph.Inputs, tensors)
        target, *targets = self.ends("output", subgraph.OutputsLength(), subgraph.Outputs, tensors)
        self.check_subgraphs(main)
        variables = Variables(main, self.initialising, self.fail)
        main = variables.part()
        states = (*variables.states(self.oracle), *operator_states(main))
        graph = Graph(
            main.tensors,
            main.operators,
            source,
            target,
            self.source,
            self.oracle,
            more_inputs=tuple(sources),
            more_outputs=tuple(targets),
            content=self.content,
            has_reference_kernels=self.has_reference_kernels(subgraph),
            states=states,
        )
        self.check_order(graph)
        for index in graph.inputs:
            self.check_extents(subgraph.Tensors(index))
        return replace(graph, end_names=end_names(self.model, graph))

    def part(self, subgraph: tflite.SubGraph) -> Part:
        self.intermediates = self.all_intermediates(subgraph)
        tensors = tuple(self.tensors(subgraph))
        return Part(tensors, tuple(self.operators(subgraph, len(tensors))))

    def check_subgraphs(self, main: Part) -> None:
        """Beside the main subgraph only those may be that a CALL_ONCE runs."""
        called = {each.options["init_subgraph_index"] for each in main.operators if each.name == CALL}
        if called != set(range(1, self.model.SubgraphsLength())):
            raise self.fail("the file", subgraphs_fault(self.model))

    def initialising(self, index: int) -> Part:
        subgraph = self.model.Subgraphs(index)
        if subgraph.InputsLength() or subgraph.OutputsLength():
            raise self.fail(
                f"subgraph {index}", "initialises variables and has ends; convert the model again"
            )
        return self.part(subgraph)

    def check_extents(self, record: tflite.Tensor) -> None:
        """Only the batch of a model's input may be free: whatever else is, the file states as 1."""
        for axis in range(1, min(record.ShapeSignatureLength(), _RANK_MAX)):
            if record.ShapeSignature(axis) < 0:
                raise self.fail(
                    "the model's input",
                    f"has no fixed extent along axis {axis}; give it one with `zerotap quantise --length N`, "
                    "or build the model with a fixed input shape",
                )

    def ends(self, what: str, count: int, get: Callable[[int], Any], tensors: int) -> list[int]:
        if not 1 <= count <= _ENDS_MAX:
            raise self.fail("the model", f"has {count} {what}s, zerotap takes 1 to {_ENDS_MAX}")
        found = [self.tensor_index(int(get(at)), tensors, f"the model's {what}") for at in range(count)]
        if len(set(found)) < count:
            raise self.fail("the model", f"names one tensor twice among its {what}s; leave one of them out")
        return found

    def tensor_index(self, index: int, tensors: int, place: str) -> int:
        if not 0 <= index < tensors:
            raise self.fail(place, f"is tensor {index}, outside of the {tensors} tensors")
        return index

    def tensors(self, subgraph: tflite.SubGraph) -> Iterator[Tensor]:
        for index in range(self.count("tensors", subgraph.TensorsLength())):
            yield self.tensor(index, subgraph.Tensors(index))

    def all_intermediates(self, subgraph: tflite.SubGraph) -> frozenset[int]:
        """Tensors that only carry a scale: their shape says nothing and may hold a zero."""
        found: set[int] = set()
        for index in range(self.count("operators", subgraph.OperatorsLength())):
            record = subgraph.Operators(index)
            if record.IntermediatesLength() > _ARITY_MAX:
                raise self.fail(f"layer {index}", f"claims {record.IntermediatesLength()} intermediates")
            found.update(int(record.Intermediates(at)) for at in range(record.IntermediatesLength()))
        return frozenset(found)

    def count(self, what: str, count: int) -> int:
        if count > _COUNT_MAX:
            raise self.fail("the file", f"claims {count} {what}, more than {_COUNT_MAX}")
        return count

    def tensor(self, index: int, record: tflite.Tensor) -> Tensor:
        try:
            name = (record.Name() or b"").decode("utf-8")
        except UnicodeDecodeError as error:
            raise self.fail(
                f"tensor {index}", "has a name that is no UTF-8; convert the model again"
            ) from error
        place = f"tensor {index} ({name})"
        if record.Sparsity() is not None:
            raise self.fail(place, "is sparse; convert a model without sparse weights")
        dtype = _DTYPES.get(record.Type())
        if dtype is None:
            raise self.fail(place, _type_fault(record.Type()))
        shape = () if index in self.intermediates else self.shape(place, record)
        scale, zero_point, axis = self.quantisation(place, record.Quantization(), shape, dtype)
        data = self.data(place, record.Buffer(), shape, dtype)
        return Tensor(index, name, shape, dtype, scale, zero_point, data, axis, bool(record.IsVariable()))

    def shape(self, place: str, record: tflite.Tensor) -> tuple[int, ...]:
        rank = record.ShapeLength()
        if rank > _RANK_MAX:
            raise self.fail(place, f"has {rank} dimensions, more than {_RANK_MAX}")
        shape = tuple(int(record.Shape(axis)) for axis in range(rank))
        size = 1
        for extent in shape:
            size *= extent
            if extent < 1 or size > _TENSOR_SIZE_MAX:
                raise self.fail(
                    place, f"has the shape {shape}; every extent must be fixed, positive and small"
                )
        return shape

    def quantisation(
        self, place: str, record: tflite.QuantizationParameters | None, shape: tuple[int, ...], dtype: str
    ) -> tuple[NDArray[np.float64], NDArray[np.int64], int]:
        channels = 0 if record is None else record.ScaleLength()
        if record is None or channels == 0:
            return np.zeros(0), np.zeros(0, np.int64), 0
        axis = record.QuantizedDimension() if channels > 1 else 0
        if channels > 1 and (not 0 <= axis < len(shape) or shape[axis] != channels):
            raise self.fail(place, scales_fault(channels, shape, axis))
        with np.errstate(invalid="ignore"):  # a signalling NaN in a damaged file
            scale = np.asarray(record.ScaleAsNumpy(), np.float64)
        if not np.all((scale >= _SCALE_MIN) & (scale <= _SCALE_MAX)):
            raise self.fail(
                place,
                "has a scale that is no positive number between 2**-62 and 2**62; make a model without "
                "values that int8 cannot hold beside others, as the -1e38 of a mask, and convert it again",
            )
        return scale, self.zero_points(place, record, channels, dtype), axis

    def zero_points(
        self, place: str, record: tflite.QuantizationParameters, channels: int, dtype: str
    ) -> NDArray[np.int64]:
        count = record.ZeroPointLength()
        if count not in (0, 1, channels):
            raise self.fail(place, f"has {channels} scales but {count} zero points")
        values = np.asarray(record.ZeroPointAsNumpy() if count else 0, np.int64)
        if np.issubdtype(np.dtype(dtype), np.integer):
            limits = np.iinfo(dtype)
            if not np.all((values >= limits.min) & (values <= limits.max)):
                raise self.fail(place, f"has a zero point outside of {dtype}")
        return np.broadcast_to(values, channels).copy()

    def data(self, place: str, buffer: int, shape: tuple[int, ...], dtype: str) -> NDArray[Any] | None:
        if not 0 <= buffer < self.model.BuffersLength():
            raise self.fail(place, f"refers to buffer {buffer} of {self.model.BuffersLength()}")
        record = self.model.Buffers(buffer)
        if record.Offset() > 1:
            raise self.fail(place, "keeps its data behind the model, which is for files over 2 GB")
        if record.DataLength() == 0:
            return None
        raw: NDArray[np.uint8] = record.DataAsNumpy()
        expected = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        if raw.size != expected:
            raise self.fail(place, f"has {raw.size} bytes of data, {dtype} {shape} needs {expected}")
        return raw.view(np.dtype(dtype).newbyteorder("<")).astype(dtype, copy=False).reshape(shape)

    def operators(self, subgraph: tflite.SubGraph, tensors: int) -> Iterator[Operator]:
        for index in range(self.count("operators", subgraph.OperatorsLength())):
            record = subgraph.Operators(index)
            name = self.operator_name(f"layer {index}", record.OpcodeIndex())
            place = f"layer {index} {name}"
            inputs = tuple(self.indices(place, record.InputsLength(), record.Inputs, tensors, optional=True))
            outputs = tuple(
                self.indices(place, record.OutputsLength(), record.Outputs, tensors, optional=False)
            )
            fault = ARITIES[name].fault(inputs, outputs) if name in ARITIES else None
            if fault is not None:
                raise self.fail(place, f"{fault}; convert the model again")
            yield Operator(
                name,
                inputs,
                outputs,
                self.options(place, name, record),
                tuple(
                    self.indices(
                        place, record.IntermediatesLength(), record.Intermediates, tensors, optional=True
                    )
                ),
                int(self.model.OperatorCodes(record.OpcodeIndex()).Version()),
            )

    def operator_name(self, place: str, opcode: int) -> str:
        if not 0 <= opcode < self.model.OperatorCodesLength():
            raise self.fail(place, f"has the code {opcode} of {self.model.OperatorCodesLength()}")
        record = self.model.OperatorCodes(opcode)
        code = builtin_code(record)
        if code == tflite.BuiltinOperator.CUSTOM:
            return "CUSTOM " + (record.CustomCode() or b"").decode("utf-8", "replace")
        return str(tflite.utils.BUILTIN_OPCODE2NAME.get(code, f"BUILTIN {code}"))

    def has_reference_kernels(self, subgraph: tflite.SubGraph) -> bool:
        """Of operators that were read."""
        codes = (subgraph.Operators(at).OpcodeIndex() for at in range(subgraph.OperatorsLength()))
        return all(
            has_reference_kernel(self.operator_name("", code), self.model.OperatorCodes(code).Version())
            for code in codes
        )

    def indices(
        self, place: str, count: int, get: Callable[[int], Any], tensors: int, *, optional: bool
    ) -> Iterator[int]:
        if count > _ARITY_MAX:
            raise self.fail(place, f"claims {count} tensors")
        for position in range(count):
            index = int(get(position))
            absent = optional and index == -1
            yield index if absent else self.tensor_index(index, tensors, place)

    def options(self, place: str, name: str, record: tflite.Operator) -> dict[str, Any]:
        if name not in OPTIONS:
            return {}
        table, fields = OPTIONS[name]
        union = record.BuiltinOptions()
        if union is None or record.BuiltinOptionsType() != getattr(tflite.BuiltinOptions, table):
            raise self.fail(place, f"has no {table}")
        options = getattr(tflite, table)()
        options.Init(union.Bytes, union.Pos)
        values = {_snake_case(field): getattr(options, field)() for field in fields}
        for option, value in values.items():
            if value is None or isinstance(value, bytes):
                values[option] = value or b""
                continue
            if isinstance(value, int) and abs(value) > _OPTION_MAX:
                raise self.fail(place, f"has the option {option} {value}, beyond {_OPTION_MAX}")
            if not math.isfinite(value):
                raise self.fail(place, f"has the option {option} {value}, which is no number; make it again")
        return values

    def check_order(self, graph: Graph) -> None:
        self.check_variables(graph)
        known = set(graph.inputs) | {
            tensor.index for tensor in graph.tensors if tensor.data is not None or tensor.variable
        }
        if any(graph.tensors[index].data is not None for index in graph.inputs):
            raise self.fail("the model's input", "is a constant")
        for position, operator in enumerate(graph.operators):
            place = f"layer {position} {operator.name}"
            for index in operator.inputs:
                if index != -1 and index not in known:
                    raise self.fail(place, f"reads tensor {index} before any layer has written it")
            for index in operator.outputs:
                if index in known:
                    raise self.fail(place, f"writes tensor {index}, which already has a value")
                known.add(index)
        written = {index for operator in graph.operators for index in operator.outputs}
        if any(index not in written or graph.tensors[index].data is not None for index in graph.outputs):
            raise self.fail(
                "the model's output",
                "is written by no layer: it is an input or a constant; leave that output out",
            )

    def check_variables(self, graph: Graph) -> None:
        """States that one LSTM alone uses; whatever else keeps values between inferences is refused."""
        resources = {state.tensor for state in graph.states if state.is_resource}
        if not resources.isdisjoint((*graph.inputs, *graph.outputs)):
            raise self.fail("the model", "has a variable as an input or output; convert the model again")
        variables = {tensor.index for tensor in graph.tensors if tensor.variable}
        users: dict[int, list[str]] = {index: [] for index in sorted(variables - resources)}
        for operator in graph.operators:
            for index in set(operator.inputs) & users.keys():
                users[index].append(operator.name)
        for index, names in users.items():
            tensor = graph.tensors[index]
            ends = index in (*graph.inputs, *graph.outputs)
            if names not in (["UNIDIRECTIONAL_SEQUENCE_LSTM"], ["SVDF"]) or tensor.data is not None or ends:
                raise self.fail(
                    f"tensor {index} ({tensor.name})",
                    "is a variable that is not the state of one LSTM or SVDF; convert a model without state",
                )


def _type_fault(code: int) -> str:
    names = {value: name for name, value in vars(tflite.TensorType).items() if isinstance(value, int)}
    return (
        f"has the type {names.get(code, code)}, which zerotap does not compute with; build the model on "
        "float32, or on int32 ids"
    )


def _snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
