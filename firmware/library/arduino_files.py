"""The files of an Arduino library around the model's sources: properties, keywords, the SelfTest sketch."""

from __future__ import annotations

import string
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap import __version__
from zerotap.firmware.board import Board
from zerotap.firmware.graph import Graph
from zerotap.firmware.oracles.board_oracle import BoardOracle

VECTORS: Final = 4
SEED: Final = 0


def library_files(
    graph: Graph, name: str, sources: Mapping[str, str], oracle: BoardOracle, board: Board
) -> dict[str, str]:
    """Every file of the library, by its path inside: the sources in src/, and what Arduino wants."""
    facts = {
        "name": name,
        "version": __version__,
        "board": board.name,
        "architecture": board.architecture,
        "serial_pin": board.serial_pin,
        "oracle": oracle.name,
    }
    return {
        **{f"src/{file}": text for file, text in sources.items()},
        "library.properties": _template("library.properties", facts),
        "keywords.txt": _template("keywords.txt", facts) + _push_keywords(name, sources),
        "examples/SelfTest/SelfTest.ino": _template("SelfTest.ino", facts),
        "examples/SelfTest/vectors.h": _template("vectors.h", facts | _vectors(graph, oracle)),
    }


def random_inputs(graph: Graph, count: int, seed: int) -> NDArray[Any]:
    """``count`` inputs over the whole range of the model's input: int8, or int32 ids that its tables hold."""
    tensor = graph.tensors[graph.input]
    generator = np.random.default_rng(seed)
    shape = (count, *tensor.shape[1:])
    if tensor.dtype == "int8":
        return generator.integers(-128, 128, shape, dtype=np.int8)
    tables = [graph.tensors[operator.inputs[0]] for operator in graph.operators if operator.name == "GATHER"]
    return generator.integers(
        0, min((table.shape[0] for table in tables), default=128), shape, dtype=np.int32
    )


def _push_keywords(name: str, sources: Mapping[str, str]) -> str:
    functions = ("push", "more", "flush", "reset") if f"{name}_push.h" in sources else ()
    return "".join(f"{name}_{function}\tKEYWORD2\n" for function in functions)


def _vectors(graph: Graph, oracle: BoardOracle) -> dict[str, str]:
    inputs = random_inputs(graph, VECTORS, SEED)
    expected = oracle.invoke(inputs)
    return {
        "seed": str(SEED),
        "vectors": str(VECTORS),
        "input_type": f"{inputs.dtype}_t",
        "input_size": str(inputs[0].size),
        "output_type": f"{expected.dtype}_t",
        "output_size": str(expected[0].size),
        "inputs": _rows(inputs),
        "expected": _rows(expected),
    }


def _rows(values: NDArray[Any]) -> str:
    rows = values.reshape(len(values), -1).tolist()
    return "\n".join(f"    {{{', '.join(map(str, row))}}}," for row in rows)


def _template(file: str, facts: Mapping[str, str]) -> str:
    text = (resources.files("zerotap.firmware.library") / "arduino" / file).read_text(encoding="utf-8")
    return string.Template(text).substitute(facts)
