"""Converting: one stream of a capture into another kind of file, chosen by the suffix."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture.files.csv_files import write_packets, write_samples
from zerotap.capture.files.device_descriptors import descriptor_frames
from zerotap.capture.files.link_types import USBMON_MMAP
from zerotap.capture.files.pcap_files.pcap import write_pcap
from zerotap.capture.files.pcap_files.pcapng_writer import PcapngWriter
from zerotap.capture.files.usbmon.frames import checked_address, usbmon_frames
from zerotap.capture.labels import read_labels
from zerotap.capture.number_formats.edge_impulse import Acquisition, write_acquisition
from zerotap.capture.packet import LabelSpan, Recording, is_virtual
from zerotap.capture.sensors.sensor_stream import SensorStream, frame_recording
from zerotap.errors import CaptureError
from zerotap.writing import check_apart, new_file

from .importing import choose_streams, is_synthetic, read_streams

if TYPE_CHECKING:
    from numpy.typing import NDArray

_log = logging.getLogger(__name__)
FORGETS = "%s cannot say that it is synthetic, and counts as real where it is imported: import the original"
SHOWN_JITTER = 0.1  # of the interval: more than that is worth a warning


def convert(
    source: str | Path, target: str | Path, device: str | None = None, with_labels: bool = False
) -> Recording:
    """Write one stream of the file ``source`` as ``target``, a new file, and return it.

    WRITERS has the suffixes that ``target`` may have; ``source`` is anything that ``read_streams`` reads.
    ``device`` chooses where there are several streams. ``with_labels`` writes the labels beside ``source`` as
    comments on packets, which pcapng alone has room for.

    Raises CaptureError for a suffix that is unknown, a source that cannot be read, or one that does not fit
    the target's format, and OutputError for a target that exists; nothing is then left behind.
    """
    source, target = Path(source), Path(target)
    write = WRITERS.get(target.suffix.lower())
    if write is None:
        raise CaptureError(f"{target}: unknown suffix {target.suffix!r}; choose one of {', '.join(WRITERS)}")
    if with_labels and write is not _write_pcapng:
        raise CaptureError(f"{target}: {target.suffix} files hold no labels: convert to .pcapng")
    check_apart(target, {"source": source})
    streams = choose_streams(read_streams(source), device, source)
    if len(streams) > 1:
        names = ", ".join(stream.name for stream in streams)
        raise CaptureError(f"{source}: --device {device} has several streams, choose one of {names}")
    stream = replace(streams[0], labels=read_labels(source) if with_labels else ())
    with new_file(target, private=True) as made:
        write(made, stream)
    tells_so = write is not _write_csv and is_virtual(stream.device)
    if is_synthetic(source, [stream]) and not tells_so:
        _log.warning(FORGETS, target)
    return stream


def _write_pcapng(path: Path, recording: Recording) -> None:
    with PcapngWriter(path, recording.device, recording.transfer) as writer:
        writer.write_all(recording, label_comments(recording))


def _write_pcap(path: Path, recording: Recording) -> None:
    checked_address(recording.device, path)
    frames = chain(descriptor_frames(recording), usbmon_frames(recording))
    write_pcap(path, frames, USBMON_MMAP)


def _write_csv(path: Path, recording: Recording) -> None:
    stream = _sensor_stream(recording)
    if stream is None:
        write_packets(path, recording)
    else:
        write_samples(path, stream)


def _write_edge_impulse(path: Path, recording: Recording) -> None:
    stream = _sensor_stream(recording)
    acquisition = (
        _acquisition_of_reports(path, recording)
        if stream is None
        else Acquisition(
            device=recording.device,
            start_s=int(stream.timestamps_ns[0]) // 10**9,
            interval_ms=_interval_ms(path, stream.timestamps_ns, stream.rate_hz),
            names=stream.names,
            values=stream.values,
        )
    )
    write_acquisition(path, acquisition)


def _acquisition_of_reports(path: Path, recording: Recording) -> Acquisition:
    """Take each byte of a report as a channel."""
    widths = np.unique(recording.lengths).tolist()
    if len(widths) != 1:
        raise CaptureError(
            f"{path.name}: packets of {len(widths)} lengths are no rows of one width, which this format "
            "needs: convert to .csv"
        )
    return Acquisition(
        device=recording.device,
        start_s=int(recording.timestamps_ns[0]) // 10**9,
        interval_ms=_interval_ms(path, recording.timestamps_ns),
        names=tuple(f"byte_{number}" for number in range(widths[0])),
        values=recording.reports(widths[0]),
    )


def _interval_ms(path: Path, timestamps_ns: NDArray[np.int64], rate_hz: float | None = None) -> float:
    """Return the interval, the only time that the format has; warn where it says little.

    It is that of the measured rate: several samples of one packet share its time, and the mean from first to
    last knows neither the last one's nor of pauses. Where there is none it is the mean.
    """
    lasts_ms = float(timestamps_ns[-1] - timestamps_ns[0]) / 1e6
    if lasts_ms <= 0:
        raise CaptureError(f"{path.name}: needs samples at two times to have an interval: convert to .csv")
    interval_ms = float(f"{1e3 / rate_hz:.9g}") if rate_hz else lasts_ms / (len(timestamps_ns) - 1)
    intervals_ms = np.diff(timestamps_ns) / 1e6
    if intervals_ms.std() > SHOWN_JITTER * interval_ms:
        _log.warning(
            "%s: this format has one interval, %.3f ms; the samples came %.3f to %.3f ms apart",
            *(path.name, interval_ms, np.min(intervals_ms), np.max(intervals_ms)),
        )
    return interval_ms


def _sensor_stream(recording: Recording) -> SensorStream | None:
    """Return the samples of a board's serial port, None where the packets are something else."""
    if recording.transfer != "bulk":
        return None
    try:
        return frame_recording(recording)
    except CaptureError:
        return None


def label_comments(recording: Recording) -> dict[int, str]:
    """Return the recording's labels as sentences, by the number of the packet at which each begins."""
    comments: dict[int, str] = {}
    if not len(recording):
        return comments
    since_first_s = (recording.timestamps_ns - recording.timestamps_ns[0]) / 1e9
    for label in recording.labels:
        number = min(int(np.searchsorted(since_first_s, label.start_s)), len(recording) - 1)
        comments[number] = "; ".join(filter(None, (comments.get(number), _sentence(label))))
    return comments


def _sentence(label: LabelSpan) -> str:
    if label.start_s == label.end_s:
        return f"label {label.label} at {label.start_s:g} s ({label.source})"
    end = "the end" if label.end_s == float("inf") else f"{label.end_s:g} s"
    return f"label {label.label} from {label.start_s:g} s to {end} ({label.source})"


WRITERS: Mapping[str, Callable[[Path, Recording], None]] = {
    ".pcapng": _write_pcapng,
    ".pcap": _write_pcap,
    ".csv": _write_csv,
    ".json": _write_edge_impulse,
}
"""What writes each kind of file; .json is Edge Impulse's acquisition format."""
