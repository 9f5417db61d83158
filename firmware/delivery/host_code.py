"""The board's C on this machine: a model behind its pipeline as a shared object."""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.errors import ToolchainError
from zerotap.firmware.artefacts import open_artefact, read_pipeline
from zerotap.firmware.options import DEFAULTS, BuildOptions
from zerotap.firmware.simulation.toolchain import host_library
from zerotap.firmware.simulation.user_cache import kept
from zerotap.writing import scratch_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.firmware.generation.transform_chain import Chain

NAME: Final = "model"
_RUNTIME: Final = "zerotap_"
_SUFFIX: Final = ".so"


class HostCode:
    """NAME_push and the functions beside it, of one stream: each object has variables of its own.

    An item is (``item_size``,) of ``item_dtype``, a result (``scores``,) of ``score_dtype``: the integers
    that the board computes. ``at_end``: there is one result a recording, which ``flush`` gives.
    """

    def __init__(self, chain: Chain) -> None:
        self.item_dtype, self.item_size = np.dtype(chain.source.dtype), chain.source.size
        self.score_dtype, self.scores = np.dtype(chain.target.dtype), chain.target.size
        self.at_end = chain.at_end
        self._library = _load(chain.files)
        self._output = np.zeros(self.scores, self.score_dtype)
        self._push, self._more = self._function("push"), self._function("more")
        self._flush, self._reset = self._function("flush"), self._function("reset")
        self._reset()

    def push(self, item: NDArray[Any]) -> list[NDArray[Any]]:
        """Take one item of the pipeline's first stage and return the results that it completes."""
        given = np.ascontiguousarray(item, self.item_dtype)
        if given.size != self.item_size:
            raise ValueError(f"an item has {self.item_size} elements, not {given.size}")
        first = self._push(ctypes.c_void_p(given.ctypes.data), self._place)
        return list(self._results(first, self._more))

    def flush(self) -> list[NDArray[Any]]:
        """Return what a recording's end leaves, and begin anew."""
        left = list(self._results(self._flush(self._place), self._flush))
        self._reset()
        return left

    @property
    def _place(self) -> ctypes.c_void_p:
        return ctypes.c_void_p(self._output.ctypes.data)

    def _results(self, given: int, more: Any) -> Iterator[NDArray[Any]]:  # noqa: ANN401
        while given:
            yield self._output.copy()
            given = more(self._place)

    def _function(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._library, f"{NAME}_{name}")


def open_host_code(folder: str | Path, options: BuildOptions = DEFAULTS) -> HostCode:
    """Make the C of a model's folder ready on this machine; it is compiled once and kept in the user's cache.

    Raises ModelError for a folder without a pipeline or an int8 model, FeatureError for a stage that the
    board cannot run, and ToolchainError.
    """
    artefact, pipeline = open_artefact(Path(folder), options), read_pipeline(folder)
    return HostCode(artefact.behind(pipeline, NAME, artefact.sources(NAME)))


def _load(files: Mapping[str, str]) -> ctypes.CDLL:
    """Load a library of its own, of which nobody else has the variables: a system loads a file once."""
    digest = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:32]
    try:
        compiled = kept(f"model-{digest}{_SUFFIX}", lambda output: _compile(files, output))
        with scratch_folder() as scratch:
            own = scratch / compiled.name
            own.write_bytes(compiled.read_bytes())
            return ctypes.CDLL(str(own))
    except OSError as error:
        raise ToolchainError(
            f"the model's C does not load on this machine ({error}): see that the user's cache can be written"
        ) from error


def _compile(files: Mapping[str, str], output: Path) -> None:
    """Compile with few units: a compiler takes longer to start than for most files."""
    with scratch_folder() as scratch:
        for file, text in files.items():
            (scratch / file).write_text(text, encoding="utf-8")
        units = [file for file in files if file.endswith(".c")]
        shared = [file for file in units if file.startswith(_RUNTIME)]
        runtime = scratch / "all_of_the_runtime.c"
        runtime.write_text("".join(f'#include "{file}"\n' for file in shared), encoding="utf-8")
        own = [scratch / file for file in units if file not in shared]
        host_library([runtime, *own], output)
