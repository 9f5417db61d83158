"""What goes between two processes: a header in JSON and arrays as .npy; a pickle could run code."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

_LENGTH: Final = struct.Struct("<I")


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a request gives: values that JSON holds, and arrays of numbers."""

    values: dict[str, Any] = field(default_factory=dict)
    arrays: tuple[NDArray[Any], ...] = ()


class _Stream:
    """A pipe that NumPy writes and reads in pieces: it would ask a file for its position."""

    def __init__(self, pipe: BinaryIO) -> None:
        self.write, self.read = pipe.write, pipe.read


def write_message(pipe: BinaryIO, header: Mapping[str, Any], arrays: Sequence[NDArray[Any]] = ()) -> None:
    """Send a header and arrays; raises ValueError for arrays of objects."""
    text = json.dumps({"header": header, "arrays": len(arrays)}).encode()
    pipe.write(_LENGTH.pack(len(text)) + text)
    for array in arrays:
        npy.write_array(_Stream(pipe), array, allow_pickle=False)
    pipe.flush()


def read_message(pipe: BinaryIO) -> tuple[dict[str, Any], list[NDArray[Any]]]:
    """Receive a header and arrays; raises EOFError where the other side is gone, ValueError for nonsense."""
    text = json.loads(_exactly(pipe, *_LENGTH.unpack(_exactly(pipe, _LENGTH.size))))
    arrays = [npy.read_array(_Stream(pipe), allow_pickle=False) for _ in range(text["arrays"])]
    return text["header"], arrays


def packed(content: bytes) -> NDArray[np.uint8]:
    """Bytes as an array, without a copy."""
    return np.frombuffer(content, np.uint8)


def unpacked(array: NDArray[Any]) -> bytes:
    """The bytes of an array that :func:`packed` made."""
    return array.tobytes()


def _exactly(pipe: BinaryIO, count: int) -> bytes:
    content = pipe.read(count)
    if len(content) < count:
        raise EOFError
    return content
