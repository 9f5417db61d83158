"""TensorFlow Lite Micro's interpreter, in a child process: some of its errors end the process."""

from __future__ import annotations

from importlib import metadata, util
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.isolation import Answer, ChildError, Limits, call, packed

from .ends import ends_dtype

_PACKAGE: Final = "tflite-micro"
_VERBS: Final = "zerotap.firmware.oracles.tflm_verbs"


class TFLMInterpreter:
    """One model in TensorFlow Lite Micro's reference kernels, set anew before every sample or stream.

    Raises:
        ModelError: the package tflite-micro is missing, or TensorFlow Lite Micro refuses the model.
    """

    def __init__(self, content: bytes, isolation: Limits) -> None:
        if util.find_spec("tflite_micro") is None:
            raise ModelError(
                "the oracle tflm needs the package tflite-micro: pip install 'zerotap[tflm]', or leave out "
                "--oracle tflm."
            )
        self.name = f"{_PACKAGE} {metadata.version(_PACKAGE)}"
        self._content, self._isolation = packed(content), isolation
        facts = self._ask("load").values
        self.input: tuple[tuple[int, ...], np.dtype[Any]] = tuple(facts["shape"]), ends_dtype(facts["dtype"])

    def invoke(self, samples: NDArray[Any]) -> NDArray[Any]:
        """Samples (n, *input shape), outputs (n, outputs)."""
        return self._ask("invoke", samples).arrays[0]

    def _ask(self, verb: str, *arrays: NDArray[Any]) -> Answer:
        """One request; a child that died of it is replaced at the next."""
        try:
            return call("tflm", f"{_VERBS}:{verb}", {}, [self._content, *arrays], self._isolation)
        except ChildError as error:
            reason = {
                "time": f"it took longer than {self._isolation.seconds:g} s, see --time-limit",
                "memory": f"it needed more than {self._isolation.memory}, see --memory-limit",
            }.get(error.kind, error.words or error.reason)
            raise ModelError(
                f"TensorFlow Lite Micro cannot run this model ({reason}); try --oracle tflite."
            ) from error
