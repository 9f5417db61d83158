"""Contents: the bytes of files that others wrote, from disk or a pipe, read in bounded time and memory.

A file is judged by its first kilobytes: a device without end, or gigabytes of zeros, are refused before
they are read.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from zerotap.errors import ZerotapError

HEAD_BYTES = 1 << 16
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a reader takes: at most ``most_bytes`` that begin as ``fault`` has it, or else ``refusal``.

    ``fault(head)`` says of the first HEAD_BYTES (all of a smaller file) what is wrong with them, "" if
    nothing is. ``way_out`` is for a file that is too large.
    """

    refusal: type[ZerotapError]
    most_bytes: int
    way_out: str
    fault: Callable[[bytes], str]


STANDARD_INPUT = Path("/dev/stdin")
"""The file that "-" stands for on the command line."""


def is_stream(path: Path) -> bool:
    """Whether ``path`` is standard input, a descriptor or a pipe: it is read once, and its name is none."""
    whole = path.absolute()
    return whole.is_relative_to("/dev") or whole.is_relative_to("/proc") or path.is_fifo()


def text_fault(head: bytes) -> str:
    """Say what is wrong with the beginning of a text file: zeros alone are a device, or a hole."""
    return "it begins with zeros, so this is no text: write it as UTF-8" if head[:1] == b"\0" else ""


def read_contents(path: str | Path, bounds: Bounds) -> bytes:
    """Return the bytes of a file, a pipe or a device.

    Raises OSError where it cannot be read, and the ``refusal`` of ``bounds``, which names the file.
    """
    with Path(path).open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        head = _up_to(file.read, HEAD_BYTES)
        if fault := bounds.fault(head):
            raise bounds.refusal(f"{path}: {fault}")
        if size > bounds.most_bytes:
            raise _too_large(path, bounds)
        if len(head) < HEAD_BYTES:
            return head
        content = head + _up_to(file.read, bounds.most_bytes + 1 - len(head))
    if len(content) > bounds.most_bytes:
        raise _too_large(path, bounds)
    return content


def read_text(path: str | Path, bounds: Bounds, encoding: str = "utf-8") -> str:
    """Return a text file; raises as ``read_contents`` does, and UnicodeDecodeError."""
    return read_contents(path, bounds).decode(encoding)


def _up_to(read: Callable[[int], bytes | None], most_bytes: int) -> bytes:
    """Read until the end or ``most_bytes``: a pipe gives a little at a time."""
    parts, left = [], most_bytes
    while left and (part := read(min(left, _CHUNK_BYTES))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _too_large(path: str | Path, bounds: Bounds) -> ZerotapError:
    return bounds.refusal(f"{path}: has more than {_size(bounds.most_bytes)}: {bounds.way_out}")


def _size(count: int) -> str:
    return f"{count >> 20} MiB" if count >> 20 else f"{count >> 10} KiB"
