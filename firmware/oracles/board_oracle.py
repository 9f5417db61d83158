"""The oracle behind the board's own ends: int8 or ids in, int8 or indices out, whatever the file has."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.graph import OracleKind
from zerotap.firmware.passes.ends import file_codes, inner_codes, read_model
from zerotap.firmware.tflite.model_bytes import ModelFile
from zerotap.isolation import DEFAULT_LIMITS, Limits

from .oracle import Oracle


class BoardOracle:
    """An :class:`Oracle` that takes and gives what the board does, whatever the file's own ends are."""

    def __init__(
        self,
        path_or_bytes: ModelFile | bytes,
        kind: OracleKind = "tflite",
        isolation: Limits | None = DEFAULT_LIMITS,
    ) -> None:
        graph = read_model(path_or_bytes, kind)
        self._oracle = Oracle(path_or_bytes, kind, isolation)
        self._source, self._target = graph.tensors[graph.input], graph.tensors[graph.output]
        self._dtypes = graph.file_dtypes or (self._source.dtype, self._target.dtype)
        self.name = self._oracle.name

    def invoke(self, samples: NDArray[Any]) -> NDArray[Any]:
        """Samples (n, ...) int8 or int32; outputs (n, outputs) int8, or int32 indices.

        Raises:
            ModelError: another dtype or size, or ids outside of the table.
        """
        if samples.dtype != self._source.dtype:
            raise ModelError(f"the samples are {samples.dtype}, the board takes {self._source.dtype}.")
        outputs = self._oracle.invoke(file_codes(samples, self._source, self._dtypes[0]))
        return inner_codes(outputs, self._target, self._dtypes[1])
