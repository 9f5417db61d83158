"""Reading: anybody's capture in a format of FORMATS, packed or not, as recordings.

A plain capture may have 1 GiB; what a packed one may have is in ``packing.py``.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zerotap.contents import HEAD_BYTES, Bounds, read_contents
from zerotap.errors import CaptureError, not_opened

from .formats import frames_in, head_fault
from .link_frames import CaptureFrames, Tear, truncated
from .link_types import FOREIGN_NAMES, unknown_link_type
from .packing import EMPTY, packer_of, unpacked
from .pcap_files.own_recordings import own_recording
from .serial_chips.ftdi import without_status_bytes
from .streams import recordings_of

if TYPE_CHECKING:
    from zerotap.capture.packet import Recording

MOST_BYTES = 1 << 30

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Capture:
    """What a capture file holds: one recording for each stream, ordered by bus, device and endpoint.

    ``foreign`` counts the packets that are not USB by the name of their link type. ``tear`` is where the
    file ends too early: the packets before it are all in ``recordings``. ``notes`` say in a sentence each
    what else was left out, and what was taken to be so and changed them.
    """

    recordings: list[Recording]
    foreign: dict[str, int]
    tear: Tear | None = None
    notes: tuple[str, ...] = ()


def read_recordings(
    path: str | Path, accept_torn: bool | None = None, *, inside: bool = False
) -> list[Recording]:
    """Read the recordings of a capture, and log a warning of what it lost or what is not USB.

    See ``read_capture``, which returns that as values instead.
    """
    return warned_recordings(read_capture(path, accept_torn, inside=inside), path)


def warned_recordings(capture: Capture, path: str | Path) -> list[Recording]:
    """Log the warnings of a capture and return its recordings."""
    for warning in warnings_of(capture, path):
        _log.warning("%s", warning)
    return capture.recordings


def warnings_of(capture: Capture, path: str | Path) -> list[str]:
    """Say in a sentence each what of the file ``path`` is not in the recordings, and why."""
    said = list(capture.notes)
    if tear := capture.tear:
        said.append(
            f"{path}: torn: it ends inside the {tear.what} at byte {tear.at}; everything before is read, "
            f"the last {tear.lost_bytes} bytes are lost"
        )
    if capture.foreign:
        counts = ", ".join(f"{count} {name}" for name, count in capture.foreign.items())
        said.append(f"{path}: skipped {sum(capture.foreign.values())} packets that are not USB ({counts})")
    return said


def read_capture(path: str | Path, accept_torn: bool | None = None, *, inside: bool = False) -> Capture:
    """Read a capture in a format of FORMATS, in gzip, zstd or not, of the link types in READ_NAMES.

    A stream is the transfers of one interrupt or bulk endpoint, named "BUS.ADDRESS.ENDPOINT" ("2.10.1"). A
    transfer counts once, when it completes with data: what the device sent and, where the system notes it
    again at completion (macOS), what was sent to it. One that failed, or that the capture cut short, is an
    event. The status bytes of FTDI's serial chips are taken out. Identity comes from the device descriptors
    in the capture, or from the file's own note of it. Packets of other link types in the same file are
    counted and left out.

    ``accept_torn``: what becomes of a file that ends inside a packet. True reads what is whole, False raises,
    None reads it if it is a recording of our own, which a power cut may have torn, and raises otherwise.
    ``inside``: it lies in a folder of others, where only a file is opened, and no pipe.

    Raises CaptureError, with the byte, for a file that is missing, empty, truncated, damaged, or without any
    link type that zerotap reads.
    """
    path = Path(path)
    return capture_in(_content(path, inside), path, accept_torn)


def capture_in(content: bytes, path: Path, accept_torn: bool | None = None) -> Capture:
    """Return what ``read_capture`` does of the ``content`` of the file or pipe ``path``."""
    buffer = capture_bytes(content, path)
    if (own := own_recording(buffer)) is not None:
        return Capture([own], {})
    return capture_of(frames_in(buffer, path), path, accept_torn)


def capture_of(found: CaptureFrames, path: Path, accept_torn: bool | None = None) -> Capture:
    """Return what ``read_capture`` does of the frames of the file ``path``."""
    if found.tear and not (bool(found.devices) if accept_torn is None else accept_torn):
        raise truncated(path, found.tear)
    if found.first_foreign and not found.has_usb:
        raise unknown_link_type(*found.first_foreign, path)
    recordings, notes = without_status_bytes(recordings_of(found, path), found.devices, path)
    said = (*(f"{path}: {note}" for note in found.notes), *notes)
    return Capture(recordings, _foreign(found.foreign), found.tear, said)


def read_frames(path: str | Path, *, inside: bool = False) -> CaptureFrames:
    """Return the bytes of a capture, unpacked, where its frames are in them, and where it is torn.

    Raises CaptureError where it is missing, empty, too large or damaged.
    """
    path = Path(path)
    return frames_in(read_capture_bytes(path, inside=inside), path)


def _foreign(packets: Counter[int]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for link_type, count in packets.items():
        if count:
            counts[FOREIGN_NAMES.get(link_type, f"link type {link_type}")] += count
    return dict(counts)


def read_capture_bytes(path: Path, *, inside: bool = False) -> bytes:
    """Return what a capture file or a pipe holds; raise CaptureError where it is none or too large."""
    return capture_bytes(_content(path, inside), path)


def _content(path: Path, inside: bool) -> bytes:
    try:
        return read_contents(path, CAPTURE_BOUNDS, inside=inside)
    except OSError as error:
        raise not_opened(path, error) from error


def capture_bytes(content: bytes, path: Path) -> bytes:
    """Return a capture, unpacked, of which ``content`` is the file; raise CaptureError where it is none."""
    if fault := _fault(content[:HEAD_BYTES]):
        raise CaptureError(f"{path}: {fault}")
    packer = packer_of(content[:HEAD_BYTES])
    return unpacked(content, packer, path) if packer else content


def _fault(head: bytes) -> str:
    return EMPTY if not head else "" if packer_of(head) else head_fault(head)


def is_capture(head: bytes) -> bool:
    """Whether a file that begins with ``head``, its first HEAD_BYTES, is a capture, packed or not."""
    return not _fault(head)


CAPTURE_BOUNDS = Bounds(CaptureError, MOST_BYTES, "divide it with `editcap -c 1000000`", _fault)
