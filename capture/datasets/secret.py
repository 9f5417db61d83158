"""What of a dataset is for no one else: its folders, and its secret, by which models of its words hide them.

The secret, in ``decoys.secret``, has to stay the same as long as models of the recordings are given away, and
to be in none of them.
"""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from zerotap.contents import Bounds, read_contents, text_fault
from zerotap.errors import CaptureError
from zerotap.writing import check_no_links, locked, new_file

PRIVATE_FOLDER: Final = 0o700
"""The mode of a dataset's folders: the names of recordings are nobody else's either."""
SECRET_FILE: Final = "decoys.secret"
_BYTES = 32
_BOUNDS = Bounds(CaptureError, 1 << 10, "restore the file, or remove it", text_fault)


def private_folder(path: Path) -> None:
    """Make a folder, closed to everyone else, where there is none; those above it are as the umask has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        path.mkdir(PRIVATE_FOLDER)
    if not path.is_dir():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


def secret_of(folder: Path) -> bytes:
    """Return the secret of the dataset in ``folder``, 32 bytes; it is made where there is none.

    Raises CaptureError for a file that holds none, OutputError where the folder does not take one.
    """
    path = folder / SECRET_FILE
    check_no_links(path, folder)
    if not path.exists():
        with locked(folder):
            if not path.exists():
                _make(path)
    return _read(path)


def _make(path: Path) -> None:
    with new_file(path, private=True, below=path.parent) as made:
        made.write_text(secrets.token_hex(_BYTES) + "\n", encoding="ascii")


def _read(path: Path) -> bytes:
    try:
        secret = bytes.fromhex(read_contents(path, _BOUNDS, inside=True).decode("ascii"))
    except (OSError, ValueError) as error:
        raise CaptureError(f"{path}: holds no secret ({error}): restore the file, or remove it") from error
    if len(secret) != _BYTES:
        raise CaptureError(f"{path}: holds {len(secret)} bytes, not {_BYTES}: restore the file, or remove it")
    return secret
