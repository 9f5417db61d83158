"""The oracle: the kernels that host C and board must equal bit for bit, TensorFlow's or TFLite Micro's."""

from __future__ import annotations

import os
import warnings
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.graph import OracleKind
from zerotap.firmware.operators.softmax import is_too_fine
from zerotap.firmware.several_ends import fields
from zerotap.firmware.tflite.model_bytes import ModelFile, tflite_bytes
from zerotap.firmware.tflite.reader import read_tflite
from zerotap.isolation import DEFAULT_LIMITS, TENSORFLOW, Answer, Limits, ask, inside, packed, unpacked
from zerotap.reporting import Progress

from .ends import ends_dtype, input_ends, output_ends, rows_of, said_dtype
from .interpreter_alone import interpreter_module
from .pieces import pieces
from .refusals import first_words, refused_place
from .tflm import TFLMInterpreter


class _Interpreter(Protocol):
    """One library's interpreter over one model."""

    name: str
    input: tuple[tuple[int, ...], np.dtype[Any]]

    def invoke(self, samples: NDArray[Any]) -> NDArray[Any]:
        """(n, *input shape) -> (n, outputs); ModelError where a sample is refused."""


class Oracle:
    """An interpreter over one .tflite.

    ``kind`` chooses the library. ``name`` says which kernels compute: "tflite 2.21.0 BUILTIN_REF", or
    BUILTIN_WITHOUT_DEFAULT_DELEGATES where the reference kernels refuse the model (as they do REVERSE_V2
    version 3), or of both, one after the other, around a SUM, or "tflite-micro" and its version.

    The library runs in a child process within the limits of ``isolation``: a damaged model ends the child,
    not the caller. TensorFlow runs in the caller's own process where ``isolation`` is None.

    Raises:
        ModelError: the library cannot run the model, dies of it, passes a limit, or is not installed.
    """

    def __init__(
        self,
        path_or_bytes: ModelFile | bytes,
        kind: OracleKind = "tflite",
        isolation: Limits | None = DEFAULT_LIMITS,
    ) -> None:
        content = path_or_bytes if isinstance(path_or_bytes, bytes) else tflite_bytes(path_or_bytes)
        source = "the model" if isinstance(path_or_bytes, bytes) else str(path_or_bytes)
        self._interpreter = _interpreter(content, kind, source, isolation)
        self.name = self._interpreter.name

    def invoke(self, samples: NDArray[Any]) -> NDArray[np.int8]:
        """Run samples (n, ...) of the input's own dtype, one at a time; int8 (n, outputs).

        Of a model with states they are one stream, which begins as NAME_reset does.
        Of a model with several ends, both are rows (n,), see :mod:`..several_ends`.

        Raises:
            ModelError: another dtype or size, or ids outside of the table.
        """
        shape, dtype = self._interpreter.input
        if samples.dtype != dtype or samples[:1].size not in (0, int(np.prod(shape))):
            raise ModelError(
                f"the samples are {samples.dtype} {samples.shape}, the model takes {dtype} {shape}; "
                "quantise them first."
            )
        return self._interpreter.invoke(samples.reshape(len(samples), *shape))


def _interpreter(content: bytes, kind: OracleKind, source: str, isolation: Limits | None) -> _Interpreter:
    if kind == "tflm":
        return TFLMInterpreter(content, isolation or DEFAULT_LIMITS)
    if isolation is None or inside(TENSORFLOW):
        return TFLitePieces(content)
    return _ChildsInterpreter(content, source, isolation)


class _ChildsInterpreter:
    """TFLitePieces in the child process."""

    def __init__(self, content: bytes, source: str, isolation: Limits) -> None:
        self._content, self._source, self._isolation = packed(content), source, isolation
        facts = self._ask("load").values
        self.name: str = facts["name"]
        self.input = tuple(facts["shape"]), ends_dtype(facts["dtype"])

    def invoke(self, samples: NDArray[Any]) -> NDArray[Any]:
        """Samples (n, *input shape), outputs (n, outputs)."""
        return self._ask("invoke", samples).arrays[0]

    def _ask(self, verb: str, *arrays: NDArray[Any]) -> Answer:
        return ask(
            f"{__name__}:{verb}",
            {},
            [self._content, *arrays],
            source=self._source,
            isolation=self._isolation,
        )


def load(_values: dict[str, Any], arrays: list[NDArray[Any]], _on_progress: Progress) -> Answer:
    """The child's: a .tflite's input shape and dtype, and which kernels compute."""
    loaded = _loaded(unpacked(arrays[0]))
    shape, dtype = loaded.input
    return Answer({"name": loaded.name, "shape": shape, "dtype": said_dtype(dtype)})


def invoke(_values: dict[str, Any], arrays: list[NDArray[Any]], _on_progress: Progress) -> Answer:
    """The child's: a .tflite's outputs for samples."""
    content, samples = arrays
    return Answer(arrays=(_loaded(unpacked(content)).invoke(samples),))


@lru_cache(maxsize=2)
def _loaded(content: bytes) -> TFLitePieces:
    return TFLitePieces(content)


def _check_softmax(content: bytes) -> None:
    """Refuse what ends TensorFlow's process: a SOFTMAX over logits that calibration always saw the same."""
    graph = read_tflite(content)
    for operator in graph.operators:
        if operator.name == "SOFTMAX" and is_too_fine(graph, operator):
            name = graph.tensors[operator.inputs[0]].name
            raise ModelError(
                f"the input of SOFTMAX ({name}) has too small a scale for TensorFlow's kernels; calibrate on "
                "windows whose outputs differ."
            )


class TFLiteInterpreter:
    """TensorFlow's reference kernels, or its builtin ones without delegates."""

    def __init__(self, content: bytes, builtin: bool = False) -> None:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        resolvers = interpreter_module().OpResolverType
        suitable = [resolvers.BUILTIN_REF, resolvers.BUILTIN_WITHOUT_DEFAULT_DELEGATES]
        self._content, self._graph = content, read_tflite(content)
        faults = []
        for resolver in suitable[1:] if builtin else suitable:
            try:
                self._interpreter, self._resolver = _tflite(content, resolver), resolver
            except (RuntimeError, ValueError) as error:
                faults.append(str(error))
            else:
                self.name = f"tflite {version('tensorflow')} {resolver.name}"
                self.input, self._output = input_ends(self._graph), output_ends(self._graph)
                return
        place = refused_place(self._graph, faults[0])
        raise ModelError(f"TensorFlow cannot run this model ({place}); convert it again.")

    def invoke(self, samples: NDArray[Any]) -> NDArray[Any]:
        """Samples (n, *input shape), outputs (n, outputs); with states the samples are one stream."""
        size, dtype = self._output
        outputs = np.zeros((len(samples), *size), dtype)
        if self._graph.states:  # nothing but a new interpreter sets resource variables anew
            self._interpreter = _tflite(self._content, self._resolver)
        try:
            for row in range(len(samples)):
                if not any(not state.is_resource for state in self._graph.states):
                    self._interpreter.reset_all_variables()  # what is no state begins anew with every sample
                self._run(samples[row : row + 1], outputs[row : row + 1])
        except RuntimeError as error:
            place = refused_place(self._graph, error)
            takes_ids = any(each.dtype != np.int8 for each in fields(samples))
            way_out = "check the ids' range" if takes_ids else f"its kernel says {first_words(error)!r}"
            raise ModelError(f"TensorFlow refuses sample {row} ({place}); {way_out}.") from error
        return outputs

    def _run(self, sample: NDArray[Any], output: NDArray[Any]) -> None:
        """One row in, one row out."""
        tensors = self._graph.tensors
        for index, values in zip(self._graph.inputs, fields(sample), strict=True):
            self._interpreter.set_tensor(index, values.reshape(tensors[index].shape))
        self._interpreter.invoke()
        for index, place in zip(self._graph.outputs, fields(output), strict=True):
            place[:] = self._interpreter.get_tensor(index).reshape(place.shape)


class TFLitePieces:
    """Interpreters of a model's pieces, one after the other."""

    def __init__(self, content: bytes) -> None:
        _check_softmax(content)
        graph = read_tflite(content)
        self._pieces = pieces(content)
        self._parts = [TFLiteInterpreter(piece.content, piece.builtin) for piece in self._pieces]
        self._inputs, self._outputs = graph.inputs, graph.outputs
        self.input, self._output = input_ends(graph), output_ends(graph)
        self.name = ", then ".join(dict.fromkeys(part.name for part in self._parts))

    def invoke(self, samples: NDArray[Any]) -> NDArray[Any]:
        """Samples (n, *input shape), outputs (n, outputs)."""
        values = dict(zip(self._inputs, fields(samples), strict=True))
        for piece, part in zip(self._pieces, self._parts, strict=True):
            outputs = part.invoke(rows_of([values[index] for index in piece.inputs], *part.input))
            values.update(zip(piece.outputs, fields(outputs), strict=True))
        size, dtype = self._output
        return rows_of([values[index] for index in self._outputs], size, dtype)


def _tflite(content: bytes, resolver: Any) -> Any:  # noqa: ANN401 - TensorFlow is not typed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the announced move to ai_edge_litert: the pin on 2.21 settles it
        interpreter = interpreter_module().Interpreter(
            model_content=content, experimental_op_resolver_type=resolver
        )
    interpreter.allocate_tensors()
    return interpreter
