"""Packed captures: gzip and zstd, unpacked in bounded memory.

One may unpack to 256 MiB, and beyond the first 8 MiB to at most 250 times what is packed: USB captures reach
50 times, gzip's own limit is 1032, and zstd has none. A zstd window beyond 128 MiB is refused, as by `zstd`.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from zerotap.contents import HEAD_BYTES
from zerotap.errors import CaptureError

from .formats import head_fault

if TYPE_CHECKING:
    from pathlib import Path

MOST_UNPACKED_BYTES = 256 << 20
MOST_RATIO, FREE_UNPACKED_BYTES = 250, 8 << 20
CHUNK_BYTES: Final = 1 << 17
ZSTD_CHUNK_BYTES: Final = 1 << 9  # each four bytes may unpack to 128 KiB
MOST_ZSTD_WINDOW_BYTES: Final = 128 << 20
EMPTY: Final = "empty (0 bytes): capture again and stop the capture before copying the file"

Chunks = Iterator[tuple[bytes, int]]
"""Some of what a file unpacks to, and how many of the packed bytes are used by then."""


class Packer(NamedTuple):
    """A way of packing: what it begins with, what unpacks it, and the command that does."""

    name: str
    magic: bytes
    unpack: Callable[[bytes], Chunks]
    command: str


def _gzip_chunks(packed: bytes) -> Chunks:
    raw = io.BytesIO(packed)
    try:
        with gzip.GzipFile(fileobj=raw) as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk, raw.tell()
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(str(error)) from error


def _zstd_chunks(packed: bytes) -> Chunks:
    import zstandard

    unpacker = zstandard.ZstdDecompressor(max_window_size=MOST_ZSTD_WINDOW_BYTES)
    view, at = memoryview(packed), 0
    try:
        while at < len(view):
            frame = unpacker.decompressobj()
            while not frame.eof:
                if at >= len(view):
                    raise ValueError("it ends within a frame")
                chunk = frame.decompress(view[at : at + ZSTD_CHUNK_BYTES])
                at = min(at + ZSTD_CHUNK_BYTES, len(view))
                yield chunk, at
            at -= len(frame.unused_data)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from error


PACKERS: Final = (
    Packer("gzip", b"\x1f\x8b", _gzip_chunks, "gunzip -k"),
    Packer("zstd", b"\x28\xb5\x2f\xfd", _zstd_chunks, "unzstd"),
)


def packer_of(head: bytes) -> Packer | None:
    """Return what packed a file that begins so; None where it is not packed."""
    return next((packer for packer in PACKERS if head.startswith(packer.magic)), None)


def unpacked(packed: bytes, packer: Packer, path: Path, fault: Callable[[bytes], str] = head_fault) -> bytes:
    """Return what a packed file holds, a capture unless ``fault(head)``, "" if nothing is wrong, says else.

    Raises CaptureError where it is damaged, has a ``fault``, or unpacks to too much.
    """
    parts: list[bytes] = []
    head, size = b"", 0
    try:
        for chunk, used_bytes in packer.unpack(packed):
            parts.append(chunk)
            size += len(chunk)
            _check_size(size, used_bytes, packer, path)
            if len(head) < HEAD_BYTES:
                head += chunk[: HEAD_BYTES - len(head)]
                if len(head) == HEAD_BYTES:
                    _check_head(head, path, fault)
    except ValueError as error:
        raise CaptureError(
            f"{path}: not a whole {packer.name} file ({error}): compress or copy the capture again"
        ) from error
    if len(head) < HEAD_BYTES:
        _check_head(head, path, fault)
    return b"".join(parts)


def _check_head(head: bytes, path: Path, fault: Callable[[bytes], str]) -> None:
    if within := packer_of(head):
        raise CaptureError(f"{path}: is packed twice, {within.name} within: unpack it once, and give that")
    if wrong := fault(head) if head else EMPTY:
        raise CaptureError(f"{path}: {wrong}")


def _check_size(size: int, packed_bytes: int, packer: Packer, path: Path) -> None:
    way_out = f"unpack it with `{packer.command} {path.name}` and divide it with `editcap -c 1000000`"
    if size > MOST_UNPACKED_BYTES:
        raise CaptureError(f"{path}: unpacks to more than {MOST_UNPACKED_BYTES >> 20} MiB: {way_out}")
    if size > max(FREE_UNPACKED_BYTES, MOST_RATIO * packed_bytes):
        raise CaptureError(
            f"{path}: unpacks to more than {MOST_RATIO} times its size, as no capture does: {way_out}"
        )
