"""Files that are compiled once for this machine and kept in the user's cache."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from zerotap.isolation import folder_from, home_folder
from zerotap.writing import scratch_folder


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """Return the file ``name`` of zerotap's cache; where it is missing, ``make(path)`` writes it.

    It appears whole or not at all, whatever other processes do. ``name`` tells the content apart, by a digest
    of what it is made of. Raises OSError where the cache cannot be written, and what ``make`` raises.
    """
    file = _cache_folder() / name
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(beside=file.parent) as scratch:
            made = scratch / name
            make(made)
            made.replace(file)
    return file


def _cache_folder() -> Path:
    home = home_folder()
    standard = {"win32": home / "AppData/Local", "darwin": home / "Library/Caches"}.get(
        sys.platform, home / ".cache"
    )
    return folder_from("XDG_CACHE_HOME", standard) / "zerotap"
