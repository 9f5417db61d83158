"""NAME.h as a sketch includes it, the only header: sizes as linked, classes, thresholds, NAME_push."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from zerotap.errors import ModelError
from zerotap.firmware.c_code import c_source

if TYPE_CHECKING:
    from .class_code import ClassCode

_END: Final = "\n#ifdef __cplusplus\n}\n#endif\n"
_FLASH: Final = r"/\* Flash that [^*]*\*/\n#define {name}_FLASH_BYTES \d+\n"
BUILD: Final = "BUILD"


def with_declarations(header: str, text: str) -> str:
    """The header with more declarations at its end, inside of extern "C"; raises ModelError without one."""
    begin, end, rest = header.rpartition(_END)
    if not end:
        raise ModelError("the model's header has no end: please report this model, it is a bug")
    return f"{begin}\n{text}{end}{rest}"


def public_header(
    sources: Mapping[str, str], name: str, classes: ClassCode | None, report: Mapping[str, Any]
) -> dict[str, str]:
    """The ``sources`` with NAME.h as a sketch needs it, and NAME_classes.c; ``report`` is export()'s."""
    header = _with_memory(sources[f"{name}.h"], name, report)
    files = dict(sources)
    if classes is not None:
        header = with_declarations(header, classes.declarations(name))
        files[f"{name}_classes.c"] = classes.source(name)
    if f"{name}_push.h" in sources:
        header = _including(header, f"{name}_push.h")
    return {**files, f"{name}.h": header}


def with_build(header: str, name: str, build: str) -> str:
    """The header with NAME_BUILD, which tells this export from all others."""
    text = f'/* Tells this export from others: a hash of its sources. */\n#define {name}_{BUILD} "{build}"\n'
    return header.replace('#ifdef __cplusplus\nextern "C" {', f'{text}\n#ifdef __cplusplus\nextern "C" {{', 1)


def _including(header: str, file: str) -> str:
    """The header with another at its end, behind its own declarations."""
    begin, end, _ = header.rpartition("\n#endif\n")
    return f'{begin}\n#include "{file}"\n{end}'


def _with_memory(header: str, name: str, report: Mapping[str, Any]) -> str:
    """Flash and RAM of all that is exported, as it was linked."""
    linked = c_source.comment_text(str(report["compiler"]))
    macros = (
        "/* Flash, code and constants, and static RAM that all of it adds, but for functions of classes, as\n"
        f" * README.md has them: linked by {linked}. */\n"
        f"#define {name}_FLASH_BYTES {report['flash_bytes']}\n"
        f"#define {name}_RAM_BYTES {report['ram_bytes']}\n"
    )
    made, count = re.subn(_FLASH.format(name=name), lambda _: macros, header)
    assert count == 1, name
    return made
