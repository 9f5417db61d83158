"""Reading: anybody's pcapng or classic pcap file, gzip-compressed or not, as recordings."""

from __future__ import annotations

import gzip
import logging
import struct
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zerotap.errors import CaptureError

from .link_frames import Frames, Tear, damaged, truncated
from .link_types import FOREIGN_NAMES, LINK_TYPES, unknown_link_type
from .pcap import MAGICS, read_pcap
from .pcapng_reader import SECTION_HEADER, read_blocks
from .streams import recordings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zerotap.capture.packet import Recording

GZIP_MAGIC = b"\x1f\x8b"
MOST_UNPACKED_BYTES = 256 << 20
CHUNK_BYTES = 1 << 20

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Capture:
    """What a capture file holds: one recording for each stream, ordered by bus, device and endpoint.

    ``foreign`` counts the packets that are not USB by the name of their link type. ``tear`` is where the
    file ends too early: the packets before it are all in ``recordings``.
    """

    recordings: list[Recording]
    foreign: dict[str, int]
    tear: Tear | None = None


def read_recordings(path: str | Path, accept_torn: bool | None = None) -> list[Recording]:
    """Read the recordings of a capture, and log a warning of what it lost or what is not USB.

    See ``read_capture``, which returns that as values instead.
    """
    capture = read_capture(path, accept_torn)
    for warning in warnings_of(capture, path):
        _log.warning("%s", warning)
    return capture.recordings


def warnings_of(capture: Capture, path: str | Path) -> list[str]:
    """Say in a sentence each what of the file ``path`` is not in the recordings, and why."""
    said = []
    if tear := capture.tear:
        said.append(
            f"{path}: torn: it ends inside the {tear.what} at byte {tear.at}; everything before is read, "
            f"the last {tear.lost_bytes} bytes are lost"
        )
    if capture.foreign:
        counts = ", ".join(f"{count} {name}" for name, count in capture.foreign.items())
        said.append(f"{path}: skipped {sum(capture.foreign.values())} packets that are not USB ({counts})")
    return said


def read_capture(path: str | Path, accept_torn: bool | None = None) -> Capture:
    """Read a capture (pcapng or classic pcap, gzip or not) of the link types in LINK_TYPES.

    A stream is the transfers of one interrupt or bulk endpoint, named "BUS.ADDRESS.ENDPOINT" ("2.10.1"). A
    transfer counts once, when it completes with data: what the device sent and, where the system notes it
    again at completion (macOS), what was sent to it. One that failed, or that the capture cut short, is an
    event. Identity comes from the device descriptors in the capture, or from the file's own note
    of it. Packets of other link types in the same file are counted and left out.

    ``accept_torn``: what becomes of a file that ends inside a packet. True reads what is whole, False raises,
    None reads it if it is a recording of our own, which a power cut may have torn, and raises otherwise.

    Raises CaptureError, with the byte, for a file that is missing, empty, truncated, damaged, or without any
    link type that zerotap reads.
    """
    path = Path(path)
    buffer, frames, tear = read_frames(path)
    is_own = any(part.device for part in frames)
    if tear and not (is_own if accept_torn is None else accept_torn):
        raise truncated(path, tear)
    usb = [part for part in frames if part.link_type in LINK_TYPES]
    if frames and not usb:
        raise unknown_link_type(frames[0], path)
    return Capture(recordings_of(np.frombuffer(buffer, np.uint8), usb, path), _foreign(frames), tear)


def read_frames(path: str | Path) -> tuple[bytes, list[Frames], Tear | None]:
    """Return the bytes of a capture, unpacked, where its frames are in them, and where it is torn.

    Raises CaptureError where it is missing, empty or damaged.
    """
    path = Path(path)
    buffer = _contents(path)
    magic = buffer[:4]
    if magic == struct.pack("<I", SECTION_HEADER):
        return buffer, *read_blocks(buffer, path)
    if magic in MAGICS:
        return buffer, *read_pcap(buffer, path)
    raise damaged(path, 0, "neither pcapng nor pcap begins so")


def _foreign(frames: Sequence[Frames]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for part in frames:
        if part.link_type not in LINK_TYPES and len(part.offsets):
            counts[FOREIGN_NAMES.get(part.link_type, f"link type {part.link_type}")] += len(part.offsets)
    return dict(counts)


def _contents(path: Path) -> bytes:
    try:
        buffer = path.read_bytes()
    except OSError as error:
        raise CaptureError(
            f"{path}: cannot be read: {error.strerror}; check the name and the permissions"
        ) from error
    if not buffer:
        raise CaptureError(
            f"{path}: empty (0 bytes): capture again and stop the capture before copying the file"
        )
    return _unpacked(path) if buffer[:2] == GZIP_MAGIC else buffer


def _unpacked(path: Path) -> bytes:
    """Return what a gzip file holds, in bounded memory: a thousandth of it may be all that the file has."""
    unpacked = bytearray()
    try:
        with gzip.open(path) as file:
            while chunk := file.read(CHUNK_BYTES):
                unpacked += chunk
                if len(unpacked) > MOST_UNPACKED_BYTES:
                    raise CaptureError(
                        f"{path}: unpacks to more than {MOST_UNPACKED_BYTES >> 20} MiB: unpack it with "
                        f"`gunzip -k {path.name}` and divide it with `editcap -c 1000000`"
                    )
    except (OSError, EOFError, zlib.error) as error:
        raise CaptureError(
            f"{path}: not a whole gzip file ({error}): compress or copy the capture again"
        ) from error
    return bytes(unpacked)
