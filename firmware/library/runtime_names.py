"""Names of the runtime in an export: with a hash, so that two versions of it are two in one sketch.

Two models of one version have the same files and functions. These are weak: a sketch that holds the sources
of both twice, in folders or in archives, is linked with one of each.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from zerotap.firmware.c_code.runtime_library import whole_runtime

_DIGITS: Final = 8
_PREFIX: Final = "zerotap_"
_NAME: Final = re.compile(rf"\b{_PREFIX}\w+\b")
_GLOBAL: Final = re.compile(r"^(\s+)\.global (\w+)$", re.MULTILINE)
_PORTABLE: Final = "_portable"


def content_hash(files: Mapping[str, str]) -> str:
    """8 hexadecimal digits of the SHA-256 over files, name -> text."""
    text = "".join(f"{file}\0{files[file]}\0" for file in sorted(files))
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def with_runtime_names(sources: Mapping[str, str]) -> dict[str, str]:
    """Sources whose files and functions of the runtime end in its hash, zerotap_clamp_0a1b2c3d, and are weak.

    The hash is of the whole runtime as it is installed, and of what the sources have otherwise: functions
    that run from RAM are not those that run from flash.
    """
    own = {file: text for file, text in sources.items() if file.startswith(_PREFIX)}
    suffix = content_hash({**whole_runtime(), **own})
    weak = {**sources, **{file: _weak(file, text) for file, text in own.items()}}
    return {_suffixed(file, suffix): _suffixed(text, suffix) for file, text in weak.items()}


def _suffixed(text: str, suffix: str) -> str:
    return _NAME.sub(lambda match: f"{match[0]}_{suffix}", text)


def _weak(file: str, text: str) -> str:
    """The definition that a file is named for may be there twice; in callers it is as it was."""
    stem, _, kind = file.rpartition(".")
    if kind == "c":
        return f"#pragma weak {stem.removesuffix(_PORTABLE)}\n{text}"
    return _GLOBAL.sub(r"\1.weak \2", text)
