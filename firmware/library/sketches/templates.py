"""The templates of the sketches, in ``arduino/examples``."""

from __future__ import annotations

import string
from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


def text_of(file: str, words: Mapping[str, str]) -> str:
    """A template with its words; ``file`` is its path in the folder."""
    return string.Template((_folder() / file).read_text(encoding="utf-8")).substitute(words)


def is_shared(file: str) -> bool:
    """Whether several examples have this file."""
    return (_folder() / file).is_file()


def _folder() -> Traversable:
    return resources.files("zerotap.firmware.library") / "arduino" / "examples"
