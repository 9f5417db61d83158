"""The last steps of an export's sources: names of the runtime, licence, what tells it from others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .public_header import with_build
from .runtime_names import content_hash, with_runtime_names

LICENCE: Final = "Apache-2.0"
SPDX: Final = f"SPDX-License-Identifier: {LICENCE}"


def finished(sources: Mapping[str, str], name: str) -> tuple[dict[str, str], str]:
    """The sources as they are written, and the hash that NAME_BUILD is: of all of them without it."""
    files = {file: f"/* {SPDX} */\n{text}" for file, text in with_runtime_names(sources).items()}
    build = content_hash(files)
    return {**files, f"{name}.h": with_build(files[f"{name}.h"], name, build)}, build
