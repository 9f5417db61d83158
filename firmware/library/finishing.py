"""The last steps of an export's sources: what tells them from all others."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from .public_header import with_build

_DIGITS: Final = 8


def finished(sources: Mapping[str, str], name: str) -> tuple[dict[str, str], str]:
    """The sources with NAME_BUILD in NAME.h, and that hash: 8 digits, of all of them without it."""
    build = content_hash(sources)
    return {**sources, f"{name}.h": with_build(sources[f"{name}.h"], name, build)}, build


def content_hash(files: Mapping[str, str]) -> str:
    """8 hexadecimal digits of the SHA-256 over files, name -> text."""
    text = "".join(f"{file}\0{files[file]}\0" for file in sorted(files))
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
