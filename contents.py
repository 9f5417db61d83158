"""Contents: the bytes of files that others wrote, from disk or a pipe, read in bounded time and memory.

A file is judged by its first kilobytes: a device without end, or gigabytes of zeros, are refused before
they are read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from zerotap.errors import ZerotapError

HEAD_BYTES = 1 << 16
_CHUNK_BYTES = 1 << 20
_NO_WAIT = sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))
_RESTORE = "remove it, or restore the file"
_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


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


def read_contents(path: str | Path, bounds: Bounds, *, inside: bool = False) -> bytes:
    """Return the bytes of a file, or, unless it lies ``inside`` a folder of others, of a pipe or a device.

    Who names a pipe may wait for what comes out of it; one that lies in a folder would keep whoever reads
    the folder waiting without end, and a device may do something when it is opened. Raises OSError where it
    cannot be read, and the ``refusal`` of ``bounds``, which names the file.
    """
    with _opened(path, bounds) if inside else Path(path).open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        head = _up_to(file.read, HEAD_BYTES)
        if fault := bounds.fault(head):
            raise bounds.refusal(f"{path}: {fault}")
        if size > bounds.most_bytes:
            raise _too_large(path, bounds)
        if len(head) < HEAD_BYTES:
            return head
        content = _up_to(file.read, bounds.most_bytes + 1, begun=head)
    if len(content) > bounds.most_bytes:
        raise _too_large(path, bounds)
    return content


def read_text(path: str | Path, bounds: Bounds, encoding: str = "utf-8", *, inside: bool = False) -> str:
    """Return a text file; raises as ``read_contents`` does, and UnicodeDecodeError."""
    return read_contents(path, bounds, inside=inside).decode(encoding)


def check_regular(path: str | Path, refusal: type[ZerotapError], way_out: str = _RESTORE) -> None:
    """Raise ``refusal`` where something is that is no file: a pipe, a device, a socket, a folder.

    ``way_out`` ends the sentence. Raises OSError where nothing is.
    """
    _check_mode(path, os.stat(path).st_mode, refusal, way_out)  # noqa: PTH116 - thousands of files, each path is whole


def _opened(path: str | Path, bounds: Bounds) -> FileIO:
    """Open a regular file; what takes its place in the meantime is opened without a wait, and refused."""
    check_regular(path, bounds.refusal)
    number = os.open(path, os.O_RDONLY | _NO_WAIT)
    try:
        _check_mode(path, os.fstat(number).st_mode, bounds.refusal)
        return FileIO(number)
    except BaseException:
        os.close(number)
        raise


def _check_mode(path: str | Path, mode: int, refusal: type[ZerotapError], way_out: str = _RESTORE) -> None:
    if not stat.S_ISREG(mode):
        what = next((word for is_one, word in _KINDS if is_one(mode)), "no file")
        raise refusal(f"{path}: it is {what} and not a file: {way_out}")


def _up_to(read: Callable[[int], bytes | None], most_bytes: int, begun: bytes = b"") -> bytes:
    """Read on from what is ``begun`` until the end or ``most_bytes``: a pipe gives a little at a time."""
    parts, left = [begun], most_bytes - len(begun)
    while left and (part := read(min(left, _CHUNK_BYTES))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _too_large(path: str | Path, bounds: Bounds) -> ZerotapError:
    return bounds.refusal(f"{path}: has more than {_size(bounds.most_bytes)}: {bounds.way_out}")


def _size(count: int) -> str:
    return f"{count >> 20} MiB" if count >> 20 else f"{count >> 10} KiB"
