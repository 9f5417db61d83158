"""Windows that a command is given as a .npy file, or several by name in an .npz."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerotap.contents import Bounds, read_contents
from zerotap.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from zerotap.firmware import Samples

_ARCHIVE = b"PK"
_SUFFIX = ".npy"
_BYTES_MAX = 1 << 30
_RATIO_MAX = 10
_UNPACKED_MAX = 1 << 19


def load_samples(*paths: Path) -> Samples:
    """The one array of a .npy file or a pipe; or the arrays of an .npz, or of several .npy files, by name.

    A file's name without its suffix is its array's. Raises ModelError where a file is none, damaged or above
    1 GiB.
    """
    if len(paths) == 1:
        return _read(paths[0])
    if len({path.stem for path in paths}) < len(paths):
        raise ModelError("two of the samples have the same name: call each file as its input, as in ids.npy")
    return {path.stem: _one(path) for path in paths}


def _one(path: Path) -> NDArray[np.generic]:
    found = _read(path)
    if isinstance(found, Mapping):
        raise ModelError(f"{path} holds several arrays: give it alone, or a .npy for each input")
    return found


def _read(path: Path) -> Samples:

    try:
        content = read_contents(path, _BOUNDS)
        if content[:2] == _ARCHIVE:
            return _archive(content)
        return _array(content)
    except (
        *(OSError, ValueError, EOFError, MemoryError, OverflowError, SyntaxError, TypeError),
        *(zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, struct.error),
    ) as error:
        raise ModelError(f"{path} is no readable .npy or .npz file: {_WAY_OUT} ({error})") from error


def _array(content: bytes) -> NDArray[np.generic]:
    import numpy as np

    _check_size(content)
    return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)


def _archive(content: bytes) -> Samples:
    """The arrays of an .npz by name; where it holds one, that."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [each for each in archive.infolist() if each.filename.endswith(_SUFFIX)]
        unpacked = sum(each.file_size for each in members)
        if unpacked > max(_UNPACKED_MAX, _RATIO_MAX * len(content)):
            raise ValueError(
                f"its arrays are {unpacked} bytes in {len(content)}: write it with numpy.savez()"
            )
        arrays = {each.filename.removesuffix(_SUFFIX): _array(archive.read(each)) for each in members}
    if not arrays:
        raise ValueError("it holds no array")
    return arrays if len(arrays) > 1 else next(iter(arrays.values()))


def _check_size(content: bytes) -> None:
    """Raise ValueError where the header promises more than there is: reading would first make room for it."""
    from math import prod

    from numpy.lib import format as npy

    stream = io.BytesIO(content)
    read_header = npy.read_array_header_1_0 if npy.read_magic(stream) == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read_header(stream)
    promised, held = prod(shape) * dtype.itemsize, len(content) - stream.tell()
    if promised > held or min(shape, default=0) < 0:
        raise ValueError(f"its header promises {promised} bytes and {held} follow")


def _fault(head: bytes) -> str:
    """Say what is wrong with the beginning; read_array says more of what is inside."""
    if head[:4] == b"PK\3\4":
        return ""
    return "" if head[:6] == b"\x93NUMPY" else f"is no readable .npy or .npz file: {_WAY_OUT}"


_WAY_OUT: Final = "write it with numpy.save() or numpy.savez()"
_BOUNDS = Bounds(ModelError, _BYTES_MAX, "give fewer samples", _fault)
