"""A dataset's secret, by which models of its words hide them: in ``decoys.secret``, for no one else.

It has to stay the same as long as models of the recordings are given away, and to be in none of them.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

from zerotap.contents import Bounds, read_contents, text_fault
from zerotap.errors import CaptureError
from zerotap.writing import check_no_links, locked, new_file

SECRET_FILE: Final = "decoys.secret"
_BYTES = 32
_BOUNDS = Bounds(CaptureError, 1 << 10, "restore the file, or remove it", text_fault)


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
        secret = bytes.fromhex(read_contents(path, _BOUNDS).decode("ascii"))
    except (OSError, ValueError) as error:
        raise CaptureError(f"{path}: holds no secret ({error}): restore the file, or remove it") from error
    if len(secret) != _BYTES:
        raise CaptureError(f"{path}: holds {len(secret)} bytes, not {_BYTES}: restore the file, or remove it")
    return secret
