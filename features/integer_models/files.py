"""The files of integer models: an .npz of integer arrays that is not packed, in which nothing is unpickled.

The same model makes the same bytes, whenever and wherever it is written. A file takes the memory that it
promises: an array's header is compared with the bytes that follow it before there is room made for it.
"""

from __future__ import annotations

import io
import struct
import zipfile
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.lib import format as npy

from zerotap.contents import Bounds, read_contents
from zerotap.errors import ModelError
from zerotap.writing import new_file

from .registry import INTEGER_MODELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .interface import IntegerModel

BYTES_MAX: Final = 1 << 26
ARRAYS_MAX: Final = 64
_SUFFIX: Final = ".npy"
_ZIP: Final = b"PK\3\4"
_UNIX: Final = 3
_FAULTS: Final = (
    *(OSError, ValueError, TypeError, SyntaxError, OverflowError, MemoryError, RecursionError, EOFError),
    *(TokenError, zipfile.BadZipFile, NotImplementedError, RuntimeError, struct.error, UnicodeDecodeError),
)
"""What zipfile and NumPy raise for what they do not take."""
_WAY_OUT: Final = "train the model again"


def find_integer_file(folder: str | Path) -> Path | None:
    """The file of an integer model in a model's folder, None where there is none.

    Raises ModelError where there are several: which is the model nobody can tell.
    """
    found = [Path(folder) / name for name in INTEGER_MODELS if (Path(folder) / name).exists()]
    if len(found) > 1:
        names = " and ".join(file.name for file in found)
        raise ModelError(f"{folder} holds {names}, and a model is one of them: remove what is not its")
    return found[0] if found else None


def read_integer_model(path: str | Path) -> IntegerModel:
    """Read the file of an integer model, known by its name; raises ModelError for one that is none."""
    path = Path(path)
    if path.name not in INTEGER_MODELS:
        known = ", ".join(INTEGER_MODELS)
        raise ModelError(f"{path} is not named as an integer model's file: its name is one of {known}")
    try:
        arrays = _arrays(read_contents(path, _BOUNDS, inside=True))
        return INTEGER_MODELS[path.name].from_arrays(arrays)
    except ModelError as error:
        said = str(error)
        raise ModelError(said if said.startswith(f"{path}: ") else f"{path}: {said}") from error
    except _FAULTS as error:
        why = str(error).partition("\n")[0]
        raise ModelError(f"{path} is no readable integer model ({why}): {_WAY_OUT}") from error


def write_integer_model(model: IntegerModel, folder: str | Path) -> Path:
    """Write a model's file into a folder that is being made; returns its path. Raises OutputError."""
    path = Path(folder) / model.file_name
    with new_file(path) as made:
        made.write_bytes(_archive(model.to_arrays()))
    return path


def _archive(arrays: dict[str, NDArray[Any]]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(name + _SUFFIX)
            member.create_system = _UNIX
            archive.writestr(member, _npy(array))
    return stream.getvalue()


def _npy(array: NDArray[Any]) -> bytes:
    """One array as .npy, little-endian and by rows on every machine."""
    stream = io.BytesIO()
    ordered = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(array.shape)
    npy.write_array(stream, ordered, version=(1, 0), allow_pickle=False)
    return stream.getvalue()


def _arrays(content: bytes) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if len(members) > ARRAYS_MAX:
            raise ValueError(f"it holds {len(members)} arrays, and no model has more than {ARRAYS_MAX}")
        if sum(member.file_size for member in members) > len(content):
            raise ValueError("its arrays are packed: write it with numpy.savez()")
        arrays = {member.filename.removesuffix(_SUFFIX): _array(archive.read(member)) for member in members}
    if len(arrays) < len(members):
        raise ValueError("two of its arrays have the same name")
    return arrays


def _array(content: bytes) -> NDArray[Any]:
    """One array of integers, exactly as long as its header says."""
    stream = io.BytesIO(content)
    if npy.read_magic(stream) != (1, 0):
        raise ValueError("an array is not of .npy's version 1.0")
    shape, is_fortran, dtype = npy.read_array_header_1_0(stream)
    promised, held = prod(shape) * dtype.itemsize, len(content) - stream.tell()
    if dtype.kind not in "iu" or is_fortran or min(shape, default=0) < 0 or promised != held:
        raise ValueError(f"an array of {dtype} {shape} in {held} bytes is none of integers by rows")
    values = np.frombuffer(content, dtype, offset=stream.tell()).reshape(shape)
    return values.astype(dtype.newbyteorder("="))


def _fault(head: bytes) -> str:
    return "" if head[: len(_ZIP)] == _ZIP else f"it is no .npz: {_WAY_OUT}"


_BOUNDS: Final = Bounds(ModelError, BYTES_MAX, "a model has some kilobytes", _fault)
