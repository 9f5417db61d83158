"""The last steps of an export's sources: names of the runtime, licence, what tells it from others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from zerotap import __version__
from zerotap.contents import Bounds, read_text, text_fault
from zerotap.errors import ModelError

from .public_header import with_build
from .runtime_names import content_hash, with_runtime_names

if TYPE_CHECKING:
    from zerotap.firmware.artefacts import Artefact

    from .class_code import ClassCode

LICENCE: Final = "Apache-2.0"
SPDX: Final = f"SPDX-License-Identifier: {LICENCE}"
_PROPERTIES: Final = "library.properties"
_VERSION: Final = re.compile(r"^version=\S+\+([0-9a-f]{8})\s*$", re.MULTILINE)
_BOUNDS: Final = Bounds(ModelError, 1 << 16, "give an export's folder", text_fault)


def licensed(text: str) -> str:
    """C or assembly with the line that says its licence."""
    return f"/* {SPDX} */\n{text}"


def finished(sources: Mapping[str, str], name: str) -> tuple[dict[str, str], str]:
    """The sources as they are written, and the hash that NAME_BUILD is: of all of them without it."""
    files = {file: licensed(text) for file, text in with_runtime_names(sources).items()}
    build = content_hash(files)
    return {**files, f"{name}.h": with_build(files[f"{name}.h"], name, build)}, build


@dataclass(frozen=True, slots=True)
class Contents:
    """What a library is made of: ``sources`` by name, ``report`` of export(), ``classes`` if it has any.

    ``examples``: what each does, as items of a Markdown list.
    """

    artefact: Artefact
    name: str
    sources: Mapping[str, str]
    classes: ClassCode | None
    oracle: str
    report: Mapping[str, Any]
    examples: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """zerotap's, and what tells this export from others."""
        return f"{__version__}+{self.report['build']}"

    @property
    def has_push(self) -> bool:
        """Whether stages come before the model."""
        return f"{self.name}_push.h" in self.sources


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
