"""The layers' own functions: NAME_layers.S for the board, and C for all other processors."""

from __future__ import annotations

import re
from collections.abc import Iterable

from zerotap.firmware.c_code.assembly import DIALECT, AssemblyFunction
from zerotap.firmware.c_code.board_assembly import elsewhere, on_the_board


def own_name(text: str, functions: Iterable[AssemblyFunction], model: str) -> str:
    """The text with the functions' names as the linker has them: two models have a layer 0 each."""
    for function in functions:
        text = re.sub(rf"\b{function.name}\b", f"{model}_{function.name}", text)
    return text


def in_c(functions: Iterable[AssemblyFunction], model: str) -> str:
    """Their prototypes, and their bodies for what is not the board."""
    return "".join(_portable(function, model) for function in functions)


def _portable(function: AssemblyFunction, model: str) -> str:
    declaration = f"\n/* {function.about} */\n{function.declaration};"
    body = f"{function.declaration}\n{{\n    {function.portable}\n}}\n"
    return declaration + elsewhere(function.name, assembly_file(model), body)


def assembly_file(model: str) -> str:
    """Where the functions of a model's layers lie."""
    return f"{model}_layers.S"


def assembly_files(functions: Iterable[AssemblyFunction], model: str) -> dict[str, str]:
    """That file, where there are any: name -> text."""
    texts = [function.assembly(f"{model}_{function.name}") for function in functions]
    if not texts:
        return {}
    about = f"The layers of {model} as assembly; {model}.c has the same in C"
    return {assembly_file(model): on_the_board(about, "\n".join([DIALECT, *texts]))}
