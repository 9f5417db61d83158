"""Which build an exported library is: the hash in its version, which its SerialStream says too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from zerotap.contents import Bounds, read_text, text_fault
from zerotap.errors import ModelError

_PROPERTIES: Final = "library.properties"
_VERSION: Final = re.compile(r"^version=\S+\+([0-9a-f]{8})\s*$", re.MULTILINE)
_BOUNDS: Final = Bounds(ModelError, 1 << 16, "give an export's folder", text_fault)


def library_build(folder: str | Path) -> str:
    """The build of the library in ``folder``, 8 hexadecimal digits; raises ModelError where none is there."""
    path = Path(folder) / _PROPERTIES
    try:
        found = _VERSION.search(read_text(path, _BOUNDS, inside=True))
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror}): give a folder of `zerotap export`"
        ) from error
    if found is None:
        raise ModelError(f"{path} names no build: export the library again with this zerotap")
    return found[1]
