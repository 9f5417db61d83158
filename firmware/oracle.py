"""The oracle: TensorFlow's reference kernels, which host C and board must equal bit for bit."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError

if TYPE_CHECKING:
    import tensorflow as tf


class Oracle:
    """An interpreter over one .tflite.

    ``name`` says which kernels compute: "tflite 2.21.0 BUILTIN_REF", or BUILTIN_WITHOUT_DEFAULT_DELEGATES
    where the reference kernels refuse the model (as they do REVERSE_V2 version 3).
    """

    def __init__(self, path_or_bytes: str | Path | bytes) -> None:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        import tensorflow as tf  # seconds and 400 MB: only where an oracle is really asked

        content = path_or_bytes if isinstance(path_or_bytes, bytes) else Path(path_or_bytes).read_bytes()
        resolvers = tf.lite.experimental.OpResolverType
        faults = []
        for resolver in (resolvers.BUILTIN_REF, resolvers.BUILTIN_WITHOUT_DEFAULT_DELEGATES):
            try:
                self._interpreter = _interpreter(content, resolver)
            except (RuntimeError, ValueError) as error:
                faults.append(str(error))
            else:
                self.name = f"tflite {tf.__version__} {resolver.name}"
                return
        raise ModelError(f"TensorFlow cannot run this model ({faults[0]}); convert it again.")

    def invoke(self, samples: NDArray[Any]) -> NDArray[np.int8]:
        """Run samples (n, ...) of the input's own dtype, one at a time; int8 (n, outputs).

        Raises:
            ModelError: another dtype or size, or ids outside of the table.
        """
        source = self._interpreter.get_input_details()[0]
        target = self._interpreter.get_output_details()[0]
        if samples.dtype != source["dtype"] or samples[:1].size not in (0, int(np.prod(source["shape"]))):
            raise ModelError(
                f"the samples are {samples.dtype} {samples.shape}, the model takes "
                f"{np.dtype(source['dtype'])} {tuple(source['shape'].tolist())}; quantise them first."
            )
        outputs = np.empty((len(samples), int(np.prod(target["shape"]))), target["dtype"])
        try:
            for row, sample in enumerate(samples):
                self._interpreter.set_tensor(source["index"], sample.reshape(source["shape"]))
                self._interpreter.invoke()
                outputs[row] = self._interpreter.get_tensor(target["index"]).ravel()
        except RuntimeError as error:
            raise ModelError(f"TensorFlow refuses sample {row} ({error}); check the ids' range.") from error
        return outputs


def _interpreter(content: bytes, resolver: tf.lite.experimental.OpResolverType) -> tf.lite.Interpreter:
    import tensorflow as tf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the announced move to ai_edge_litert: the pin on 2.21 settles it
        interpreter = tf.lite.Interpreter(model_content=content, experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    return interpreter
