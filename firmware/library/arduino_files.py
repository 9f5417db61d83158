"""The files of an Arduino library around the model's sources: properties, keywords, the SelfTest sketch."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from zerotap import __version__
from zerotap.firmware.artefacts import Artefact, ModelOracle, Sketch

from .readme import library_readme

if TYPE_CHECKING:
    from .class_code import ClassCode

VECTORS: Final = 4
SEED: Final = 0


def library_files(
    artefact: Artefact,
    name: str,
    sources: Mapping[str, str],
    oracle: ModelOracle,
    report: Mapping[str, Any],
    classes: ClassCode | None,
    examples: Sequence[str],
) -> dict[str, str]:
    """Every file of the library, by its path inside: the sources in src/, and what Arduino wants.

    ``report`` is what export() measured, for the README; ``examples`` is what that says of those beside
    SelfTest.
    """
    sketch, board = artefact.sketch(name), artefact.options.board
    facts = {
        "name": name,
        "version": f"{__version__}+{report['build']}",
        "board": board.name,
        "architecture": board.architecture,
        "serial_pin": board.serial_pin,
        "oracle": oracle.name,
        **_calls(sketch, name),
    }
    return {
        **{f"src/{file}": text for file, text in sources.items()},
        "README.md": library_readme(artefact, name, sources, oracle.name, report, examples),
        "library.properties": _template("library.properties", facts),
        "keywords.txt": _keywords(sketch, classes, name) + _push_keywords(name, sources),
        "examples/SelfTest/SelfTest.ino": _template("SelfTest.ino", facts),
        "examples/SelfTest/vectors.h": _template("vectors.h", facts | _vectors(artefact, sketch, oracle)),
    }


def _calls(sketch: Sketch, name: str) -> dict[str, str]:
    return {
        "kind": sketch.kind,
        "function": f"{name}_{sketch.functions[0]}",
        "output": sketch.output,
        "call": sketch.call,
        "differs": sketch.differs,
        "reset": f"    {sketch.before}\n" if sketch.before else "",
        "stream": f"// {sketch.note}\n" if sketch.note else "",
    }


def _keywords(sketch: Sketch, classes: ClassCode | None, name: str) -> str:
    functions = (*sketch.functions, *(classes.functions if classes else ()))
    literals = (*sketch.literals, "RAM_BYTES", "BUILD", *(classes.literals() if classes else ()))
    words = [("KEYWORD2", functions), ("LITERAL1", literals), ("KEYWORD1", sketch.types)]
    return "".join(f"{name}_{each}\t{colour}\n" for colour, names in words for each in names)


def _push_keywords(name: str, sources: Mapping[str, str]) -> str:
    in_steps = ("flush_step",) if f"{name}_stream.h" in sources else ()
    functions = ("push", "more", "flush", *in_steps, "reset") if f"{name}_push.h" in sources else ()
    return "".join(f"{name}_{function}\tKEYWORD2\n" for function in functions)


def _vectors(artefact: Artefact, sketch: Sketch, oracle: ModelOracle) -> dict[str, str]:
    inputs = artefact.vectors(VECTORS, SEED)
    input_type, input_elements = sketch.vector(inputs)
    return {
        "seed": str(SEED),
        "vectors": str(VECTORS),
        "input_type": input_type,
        "input_elements": input_elements,
        "output_type": sketch.score_type,
        "output_elements": sketch.score_elements,
        "inputs": _lines(sketch.rows(inputs)),
        "expected": _lines(sketch.expected_rows(oracle.invoke(inputs))),
    }


def _lines(rows: list[str]) -> str:
    return "\n".join(f"    {row}," for row in rows)


def _template(file: str, facts: Mapping[str, str]) -> str:
    text = (resources.files("zerotap.firmware.library") / "arduino" / file).read_text(encoding="utf-8")
    return string.Template(text).substitute(facts)
