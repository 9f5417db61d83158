"""Objects of the runtime library's and the harness's units: each is compiled once and kept.

What a model generates is compiled with each program. An object's name is a digest of all that it is made
from, so that another compiler, flag or text is another object, and a program's bits are the same either way.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from zerotap.errors import ToolchainError

from .user_cache import kept

if TYPE_CHECKING:
    from .toolchain import Compiler

_OF_THE_RUNTIME, _OF_THE_HARNESS = "zerotap_", "harness_"
_INCLUDED = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def compiled(
    sources: Mapping[str, str], folder: Path, compiler: Compiler, options: Iterable[str] = ()
) -> list[Path]:
    """Compile each unit of ``sources`` (file name -> text, all written to ``folder``), in their order.

    ``options``: definitions for all units but the runtime library's, which read none. Raises ToolchainError
    if the compiler refuses a unit.
    """
    units = [name for name in sources if name.endswith((".c", ".S"))]
    # All become objects, so that the linker sees them in one order wherever they come from.
    return [_object(name, sources, folder, compiler, tuple(options)) for name in units]


def _object(
    name: str, sources: Mapping[str, str], folder: Path, compiler: Compiler, options: tuple[str, ...]
) -> Path:
    if name.startswith(_OF_THE_RUNTIME):
        options = ()
    compile_to = partial(compiler.compile, folder / name, options=options)
    if name.startswith((_OF_THE_RUNTIME, _OF_THE_HARNESS)):
        content = "\0".join([*compiler.recipe, *options, *_texts(name, sources, set())])
        digest = hashlib.sha256(content.encode()).hexdigest()[:32]
        # A cache that cannot be written, as where the disk is full, is done without.
        with suppress(OSError, ToolchainError):
            return kept(f"{Path(name).stem}-{digest}.o", compile_to)
    compile_to(folder / f"{name}.o")
    return folder / f"{name}.o"


def _texts(name: str, sources: Mapping[str, str], seen: set[str]) -> Iterator[str]:
    """Yield names and texts of a unit and of all that it includes of ``sources``."""
    if name in sources and name not in seen:
        seen.add(name)
        yield from (name, sources[name])
        for included in _INCLUDED.findall(sources[name]):
            yield from _texts(included, sources, seen)
