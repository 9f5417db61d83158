"""The oracle behind the board's own ends: int8 or ids in, int8 or indices out, whatever the file has."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.graph import OracleKind
from zerotap.firmware.passes.ends import file_codes, inner_codes, read_model
from zerotap.firmware.several_ends import fields, input_dtype, joined, output_dtype, row_dtype
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
        self._sources = [graph.tensors[index] for index in graph.inputs]
        self._targets = [graph.tensors[index] for index in graph.outputs]
        self._dtypes = graph.file_dtypes or tuple(each.dtype for each in (*self._sources, *self._targets))
        self._input, self._output, self._names = input_dtype(graph), output_dtype(graph), graph.end_names
        self.name = self._oracle.name

    def invoke(self, samples: NDArray[Any]) -> NDArray[Any]:
        """Samples (n, ...) int8 or int32; outputs (n, outputs) int8, or int32 indices.

        Of a model with several ends, both are rows (n,), see :mod:`..several_ends`.

        Raises:
            ModelError: another dtype or size, or ids outside of the table.
        """
        if samples.dtype != self._input:
            raise ModelError(f"the samples are {samples.dtype}, the board takes {self._input}.")
        dtypes, count = self._dtypes, len(self._sources)
        each = zip(fields(samples), self._sources, dtypes[:count], strict=True)
        given = [file_codes(codes, tensor, dtype) for codes, tensor, dtype in each]
        if self._input.names is None:
            outputs = self._oracle.invoke(given[0])
        else:
            outputs = self._oracle.invoke(
                joined(given, row_dtype(self._names[0], self._sources, dtypes[:count]))
            )
        every = zip(fields(outputs), self._targets, dtypes[count:], strict=True)
        got = [inner_codes(values, tensor, dtype) for values, tensor, dtype in every]
        return got[0] if self._output.names is None else joined(got, self._output)
