"""Where a path leads: by way of a link to a folder, or up and down again."""

from __future__ import annotations

from pathlib import Path


def real_folder(path: Path) -> Path:
    """Where a folder is that ``path`` is a link to, or goes up and down to: it is filled there."""
    return path.resolve() if path.is_symlink() or not path.name or ".." in path.parts else path


def real_file(path: Path) -> Path:
    """Where a file is; what it may be a link to is not asked."""
    return path.parent.resolve() / path.name if ".." in path.parts[:-1] else path
