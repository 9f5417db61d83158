"""Comments of generated C: what explains how constants lie in flash is said once a model."""

from __future__ import annotations

import re
from typing import Final

_COMMENT: Final = re.compile(r"^/\*.*?\*/\n", re.MULTILINE | re.DOTALL)


def said_once(constants: str, said: set[str]) -> str:
    """Constants without the comments that are in ``said``, to which their others are added."""

    def kept(match: re.Match[str]) -> str:
        if match[0] in said:
            return ""
        said.add(match[0])
        return match[0]

    return _COMMENT.sub(kept, constants)
