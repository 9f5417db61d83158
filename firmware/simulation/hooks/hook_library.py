"""Hooks in C, of harness/: each file compiled once for this machine and kept in the user's cache."""

from __future__ import annotations

import ctypes
import hashlib
import sys
from functools import partial
from pathlib import Path
from typing import Any

from zerotap.errors import ToolchainError
from zerotap.firmware.simulation.program import harness_file
from zerotap.firmware.simulation.toolchain import host_library
from zerotap.firmware.simulation.user_cache import kept


class HookError(ToolchainError):
    """The compiled hook cannot be had on this machine."""


def hook_library(name: str) -> ctypes.CDLL:
    """Load the hooks of harness/NAME.c; raises HookError where they cannot be had."""
    source = harness_file(f"{name}.c")
    file = f"{name}-{hashlib.sha256(source.encode()).hexdigest()[:16]}{_suffix()}"
    try:
        return ctypes.CDLL(str(kept(file, partial(_compile, f"{name}.c"))))
    except (OSError, ToolchainError) as error:
        raise HookError(f"the compiled {name.replace('_', ' ')} cannot be used: {error}") from error


def add_hook(
    core: Any,  # noqa: ANN401
    kind: int,
    function: Any,  # noqa: ANN401
    data: Any,  # noqa: ANN401
    first: int = 1,
    last: int = 0,
) -> None:
    """Have Unicorn call a compiled ``function`` with ``data``, at ``first`` to ``last`` or everywhere.

    Raises HookError where Unicorn refuses.
    """
    import unicorn
    from unicorn.unicorn_py3.unicorn import uclib

    handle = ctypes.c_size_t()
    # An empty range (first above last) means every address.
    hook = (kind, ctypes.cast(function, ctypes.c_void_p), ctypes.byref(data))
    places = (ctypes.c_uint64(first), ctypes.c_uint64(last))
    status = uclib.uc_hook_add(core._uch, ctypes.byref(handle), *hook, *places)
    if status != unicorn.UC_ERR_OK:
        raise HookError(f"Unicorn refused a compiled hook (error {status})")


def _compile(name: str, library: Path) -> None:
    source_file = library.with_name(name)
    source_file.write_text(harness_file(name), encoding="utf-8")
    host_library([source_file], library)


def _suffix() -> str:
    return {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
