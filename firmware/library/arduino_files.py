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
from zerotap.firmware.graph import Graph, Tensor
from zerotap.firmware.oracles.board_oracle import BoardOracle
from zerotap.firmware.planning.plan import check_ends
from zerotap.firmware.several_ends import fields, input_dtype, joined

from .readme import library_readme

VECTORS: Final = 4
SEED: Final = 0


def library_files(
    graph: Graph,
    name: str,
    sources: Mapping[str, str],
    oracle: BoardOracle,
    board: Board,
    report: Mapping[str, Any],
) -> dict[str, str]:
    """Every file of the library, by its path inside: the sources in src/, and what Arduino wants.

    ``report`` is what export() measured, for the README.
    """
    facts = {
        "name": name,
        "version": __version__,
        "board": board.name,
        "architecture": board.architecture,
        "serial_pin": board.serial_pin,
        "oracle": oracle.name,
    }
    facts |= _ends(graph, name) | _states(graph, name)
    return {
        **{f"src/{file}": text for file, text in sources.items()},
        "README.md": library_readme(graph, name, sources, oracle.name, report),
        "library.properties": _template("library.properties", facts),
        "keywords.txt": _template("keywords.txt", facts) + _push_keywords(name, sources),
        "examples/SelfTest/SelfTest.ino": _template("SelfTest.ino", facts),
        "examples/SelfTest/vectors.h": _template("vectors.h", facts | _vectors(graph, name, oracle)),
    }


def random_inputs(graph: Graph, count: int, seed: int) -> NDArray[Any]:
    """``count`` inputs over the whole range of the model's input: int8, or int32 ids that its tables hold.

    Of a model with several ends rows (count,), see :mod:`..several_ends`. Raises ModelError for float ends.
    """
    check_ends(graph)
    generator = np.random.default_rng(seed)
    drawn = [_drawn(graph, graph.tensors[index], count, generator) for index in graph.inputs]
    return joined(drawn, input_dtype(graph)) if graph.has_several_ends else drawn[0]


def _drawn(graph: Graph, tensor: Tensor, count: int, generator: np.random.Generator) -> NDArray[Any]:
    shape = (count, *tensor.shape[1:])
    if tensor.dtype == "int8":
        return generator.integers(-128, 128, shape, dtype=np.int8)
    tables = [graph.tensors[operator.inputs[0]] for operator in graph.operators if operator.name == "GATHER"]
    return generator.integers(
        0, min((table.shape[0] for table in tables), default=128), shape, dtype=np.int32
    )


def _ends(graph: Graph, name: str) -> dict[str, str]:
    """How the sketch holds, gives and compares what the model takes and gives."""
    if not graph.has_several_ends:
        return {
            "output": f"output[{name}_OUTPUT_SIZE]",
            "arguments": "inputs[i], output",
            "differs": "memcmp(output, expected[i], sizeof output) != 0",
            "sizes": f"{name}_INPUT_SIZE\tLITERAL1\n{name}_OUTPUT_SIZE\tLITERAL1\n",
        }
    compared = (
        f"memcmp(output.{each}, expected[i].{each}, sizeof output.{each})" for each in graph.end_names[1]
    )
    sides = zip(("INPUT", "OUTPUT"), graph.end_names, strict=True)
    return {
        "output": "output",
        "arguments": "&inputs[i], &output",
        "differs": f"({' | '.join(compared)}) != 0",
        "sizes": "".join(f"{name}_{end}_{each}_SIZE\tLITERAL1\n" for end, names in sides for each in names)
        + f"{name}_inputs\tKEYWORD1\n{name}_outputs\tKEYWORD1\n",
    }


def _states(graph: Graph, name: str) -> dict[str, str]:
    """What the files say of a model whose inferences are one stream."""
    if not graph.states:
        return dict.fromkeys(("reset", "state", "stream"), "")
    return {
        "reset": f"    {name}_reset();  // the vectors are one stream, from its first step on\n",
        "state": f"{name}_STATE_BYTES\tLITERAL1\n{name}_reset\tKEYWORD2\n",
        "stream": f"// They are one stream: {name}_reset(), then one after the other.\n",
    }


def _push_keywords(name: str, sources: Mapping[str, str]) -> str:
    functions = ("push", "more", "flush", "reset") if f"{name}_push.h" in sources else ()
    return "".join(f"{name}_{function}\tKEYWORD2\n" for function in functions)


def _vectors(graph: Graph, name: str, oracle: BoardOracle) -> dict[str, str]:
    inputs = random_inputs(graph, VECTORS, SEED)
    expected = oracle.invoke(inputs)
    return {
        "seed": str(SEED),
        "vectors": str(VECTORS),
        **_declared(name, "input", inputs),
        **_declared(name, "output", expected),
        "inputs": _rows(inputs),
        "expected": _rows(expected),
    }


def _declared(name: str, end: str, values: NDArray[Any]) -> dict[str, str]:
    """The type of a vector's elements, and how many it has; a structure is one."""
    if values.dtype.names is not None:
        return {f"{end}_type": f"{name}_{end}s", f"{end}_elements": ""}
    return {f"{end}_type": f"{values.dtype}_t", f"{end}_elements": f"[{values[0].size}]"}


def _rows(values: NDArray[Any]) -> str:
    arrays = [array.reshape(len(values), -1).tolist() for array in fields(values)]
    rows = [[_braced(each) for each in row] for row in zip(*arrays, strict=True)]
    if values.dtype.names is None:
        return "\n".join(f"    {row[0]}," for row in rows)
    return "\n".join(f"    {{{', '.join(row)}}}," for row in rows)


def _braced(values: list[int]) -> str:
    return f"{{{', '.join(map(str, values))}}}"


def _template(file: str, facts: Mapping[str, str]) -> str:
    text = (resources.files("zerotap.firmware.library") / "arduino" / file).read_text(encoding="utf-8")
    return string.Template(text).substitute(facts)
