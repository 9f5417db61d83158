"""The files of a forest's form: constants, C for any processor, and what the board runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from zerotap.firmware.c_code.board_assembly import elsewhere, on_the_board
from zerotap.firmware.c_code.runtime_library import included_files
from zerotap.firmware.integer_models.interface import TwinCode

if TYPE_CHECKING:
    from .leaves import Leaves


def forest_code(
    name: str,
    leaves: Leaves,
    tables: str,
    walk: str,
    about: str,
    assembly: str,
    functions: str = "",
    rows: str | None = None,
) -> TwinCode:
    """The C of a form and its NAME_forest.S.

    ``tables``: constants that both read. ``functions`` and ``walk`` in C: static functions, and statements
    that call ``NAME_leaf(code, output)`` for each tree. ``assembly`` follows a comment, ``about``. ``rows``:
    the leaves' table in C where ``tables`` has it, else it is made.
    """
    made = leaves.table(f"{name}_rows") if rows is None else ""
    file, source = f"{name}_forest.S", on_the_board(about, assembly)
    portable = f"""{functions}{leaves.add_in_c(name, rows or f"{name}_rows")}
void {name}_invoke(const int32_t *input, int32_t *output)
{{
    for (int32_t i = 0; i < {leaves.classes}; i++) {{
        output[i] = 0;
    }}
{walk}}}
"""
    text = made + tables + elsewhere(f"{name}_invoke", file, portable)
    return TwinCode(text, files={file: source, **included_files(source)})


def defined(constants: Mapping[str, int | str], include: str) -> str:
    """Preprocessor definitions, and the text that reads them."""
    lines = [f"#define {key} {value}" for key, value in constants.items()]
    return "\n".join([*lines, f'#include "{include}"', ""])
