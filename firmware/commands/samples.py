"""Windows that a command is given as a .npy file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from zerotap.contents import Bounds, read_contents
from zerotap.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def load_samples(path: Path) -> NDArray[np.generic]:
    """The one array of a .npy file or a pipe; raises ModelError where it is none, damaged or above 1 GiB."""
    import numpy as np

    try:
        content = read_contents(path, _BOUNDS)
        _check_size(content)
        samples = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    except (OSError, ValueError, EOFError, MemoryError, OverflowError, SyntaxError, TypeError) as error:
        raise ModelError(f"{path} is no readable .npy file: write it with numpy.save() ({error})") from error
    return samples


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
    if head[:2] == b"PK":
        return "holds several arrays: write one with numpy.save()"
    return "" if head[:6] == b"\x93NUMPY" else "is no readable .npy file: write it with numpy.save()"


_BOUNDS = Bounds(ModelError, 1 << 30, "give fewer samples", _fault)
