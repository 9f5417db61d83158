"""The bytes of a .tflite, from the file itself or from C source that holds it: the content says which."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from zerotap.contents import Bounds, read_contents, text_fault
from zerotap.errors import ModelError

from .c_array import C_BYTES_MAX, C_SUFFIXES, IDENTIFIER, CArray, looks_like_c, model_in_c

ModelFile = str | Path | CArray
"""A .tflite, C source that holds one, or one array of C source that holds several."""
_FILE_BYTES_MAX: Final = 1 << 28
_MAKE_ONE: Final = "make one with `zerotap quantise`."
_OTHERS: Final = {
    b"PK\x03\x04": "not a .tflite but an archive, as a .keras file is; ",
    b"\x93NUM": "windows (.npy), not a model: give them as --samples, and a .tflite as the model; ",
    b"\x89HDF": "not a .tflite but HDF5, as a Keras 2 model is; ",
}
_TOO_LARGE: Final = "no model for this board is so large"


def no_tflite(head: bytes) -> str:
    """Say what is wrong with the beginning of a .tflite, "" if nothing is."""
    if is_tflite(head):
        return ""
    return _OTHERS.get(head[:4], "not a .tflite file (bytes 4 to 7 are not 'TFL3'); ") + _MAKE_ONE


def is_tflite(head: bytes) -> bool:
    """Whether a file that begins so is a .tflite."""
    return head[4:8] == IDENTIFIER


def tflite_bytes(model: ModelFile) -> bytes:
    """The bytes of a .tflite, at most 256 MiB, or those that C source of at most 64 MiB holds.

    Raises ModelError for what is neither or cannot be read, and for C source with several models.
    """
    path, name = Path(model), model.name if isinstance(model, CArray) else None
    content = source_bytes(path)
    if not is_tflite(content):
        return model_in_c(content, path, name)
    if name is not None:
        raise ModelError(f"{path}: is a .tflite, which has no array {name}; leave out --array.")
    return content


def source_bytes(path: Path) -> bytes:
    """A .tflite, or C source as it is; otherwise as ``tflite_bytes``."""
    most = C_BYTES_MAX if path.suffix.lower() in C_SUFFIXES else _FILE_BYTES_MAX
    try:
        content = read_contents(path, Bounds(ModelError, most, _TOO_LARGE, partial(_fault, path)))
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); check the path.") from error
    if len(content) > C_BYTES_MAX and not is_tflite(content):
        raise ModelError(f"{path}: has more than {C_BYTES_MAX >> 20} MiB: {_TOO_LARGE}")
    return content


def holds_model(path: Path) -> bool:
    """Whether a file is a .tflite or C source, by its first bytes and its suffix."""
    try:
        with path.open("rb") as file:
            head = file.read(1 << 12)
    except OSError:
        return False
    return is_tflite(head) or looks_like_c(path, head)


def _fault(path: Path, head: bytes) -> str:
    if is_tflite(head):
        return ""
    return text_fault(head) if looks_like_c(path, head) else no_tflite(head)
