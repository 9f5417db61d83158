"""The oracle: the kernels that host C and board must equal bit for bit, TensorFlow's or TFLite Micro's."""

from __future__ import annotations

import os
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.graph import OracleKind
from zerotap.firmware.operators.softmax import is_too_fine
from zerotap.firmware.tflite.model_bytes import ModelFile, tflite_bytes
from zerotap.firmware.tflite.reader import read_tflite
from zerotap.isolation import DEFAULT_LIMITS, TENSORFLOW, Answer, Limits, ask, inside, packed, unpacked
from zerotap.reporting import Progress

from .pieces import pieces
from .refusals import first_words, refused_place
from .tflm import TFLMInterpreter

if TYPE_CHECKING:
    import tensorflow as tf


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
        self.input = tuple(facts["shape"]), np.dtype(facts["dtype"])

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
    return Answer({"name": loaded.name, "shape": shape, "dtype": dtype.name})


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
        import tensorflow as tf  # seconds and 400 MB: only where an oracle is really asked

        resolvers = tf.lite.experimental.OpResolverType
        suitable = [resolvers.BUILTIN_REF, resolvers.BUILTIN_WITHOUT_DEFAULT_DELEGATES]
        self._graph = read_tflite(content)
        faults = []
        for resolver in suitable[1:] if builtin else suitable:
            try:
                self._interpreter = _tflite(content, resolver)
            except (RuntimeError, ValueError) as error:
                faults.append(str(error))
            else:
                self.name = f"tflite {tf.__version__} {resolver.name}"
                self._source = self._interpreter.get_input_details()[0]
                self._target = self._interpreter.get_output_details()[0]
                self.input = tuple(self._source["shape"].tolist()), np.dtype(self._source["dtype"])
                return
        place = refused_place(self._graph, faults[0])
        raise ModelError(f"TensorFlow cannot run this model ({place}); convert it again.")

    def invoke(self, samples: NDArray[Any]) -> NDArray[Any]:
        """Samples (n, *input shape), outputs (n, outputs)."""
        outputs = np.empty((len(samples), int(np.prod(self._target["shape"]))), self._target["dtype"])
        try:
            for row, sample in enumerate(samples):
                self._interpreter.reset_all_variables()  # the board's states begin anew with every sample
                self._interpreter.set_tensor(self._source["index"], sample)
                self._interpreter.invoke()
                outputs[row] = self._interpreter.get_tensor(self._target["index"]).ravel()
        except RuntimeError as error:
            place = refused_place(self._graph, error)
            takes_ids = self._source["dtype"] != np.int8
            way_out = "check the ids' range" if takes_ids else f"its kernel says {first_words(error)!r}"
            raise ModelError(f"TensorFlow refuses sample {row} ({place}); {way_out}.") from error
        return outputs


class TFLitePieces:
    """Interpreters of a model's pieces, one after the other."""

    def __init__(self, content: bytes) -> None:
        _check_softmax(content)
        self._parts = [TFLiteInterpreter(part, builtin) for part, builtin in pieces(content)]
        self.input = self._parts[0].input
        self.name = ", then ".join(dict.fromkeys(part.name for part in self._parts))

    def invoke(self, samples: NDArray[Any]) -> NDArray[Any]:
        """Samples (n, *input shape), outputs (n, outputs)."""
        values = samples
        for part in self._parts:
            values = part.invoke(values.reshape(len(values), *part.input[0]))
        return values


def _tflite(content: bytes, resolver: tf.lite.experimental.OpResolverType) -> tf.lite.Interpreter:
    import tensorflow as tf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the announced move to ai_edge_litert: the pin on 2.21 settles it
        interpreter = tf.lite.Interpreter(model_content=content, experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    return interpreter
