"""Importing: other people's captures and sensor data as recordings of a dataset."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from zerotap.capture.files.number_files import GivenFile, given_file
from zerotap.capture.files.reading import warned_recordings
from zerotap.capture.files.streams import directed_name
from zerotap.capture.labels import checked_label
from zerotap.capture.packet import is_virtual
from zerotap.contents import is_stream
from zerotap.errors import CaptureError

from .dataset import Dataset, check_dataset_folder, dataset_around
from .editing.taking_back import all_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zerotap.capture.packet import Recording

_DEVICE = re.compile(r"\d+\.\d+(\.(\d+(in|out)?|0x[0-9a-f]{1,2}))?|[0-9a-f]{4}:[0-9a-f]{4}", re.IGNORECASE)


def import_capture(
    path: str | Path, label: str, dataset_dir: str | Path, device: str | None = None
) -> list[Path]:
    """Copy the streams of ``device`` from the file ``path`` into a dataset, and return the files made.

    For ``path`` and ``device`` see ``read_streams`` and ``choose_streams``. Times and payloads stay as they
    were captured, failed transfers too; the dataset is made where there is none, and names the device where
    the capture does. What comes from a virtual device or from a synthetic dataset makes it synthetic.

    Raises CaptureError for a capture that cannot be read, a choice that is open or empty, or packets that
    were cut when captured, OutputError where the dataset cannot be written; no recording of it is left then.
    """
    label = checked_label(label)
    return import_streams(given_file(path), label, dataset_dir, device)


def import_streams(
    given: GivenFile, label: str, dataset_dir: str | Path, device: str | None = None
) -> list[Path]:
    """Do what ``import_capture`` does with a file that may be read already."""
    path = given.path
    chosen = choose_streams(_streams(given), device, path)
    for recording in chosen:
        _refuse_cut(recording, path)
    check_dataset_folder(dataset_dir)
    dataset = Dataset.open_or_create(dataset_dir, synthetic=is_synthetic(path, chosen))
    stored: list[Path] = []
    stem = "piped" if is_stream(path) else path.stem
    with all_or_none(dataset_dir, lambda: stored):
        for recording in chosen:
            stored.append(dataset.store(recording, f"{stem}-{recording.name}", label, source="import"))
        for identity in dict.fromkeys(recording.device for recording in chosen if recording.device.is_known):
            dataset.note(identity, {})
    return stored


def is_synthetic(path: Path, recordings: Sequence[Recording]) -> bool:
    """Whether no person at a real device made it: a virtual device's, or of a synthetic dataset."""
    around = dataset_around(path)
    return (around is not None and around.synthetic) or any(is_virtual(r.device) for r in recordings)


def read_streams(path: str | Path) -> list[Recording]:
    """Read a capture, or a file of packets or numbers; raise CaptureError as reading those does."""
    return _streams(given_file(path))


def _streams(given: GivenFile) -> list[Recording]:
    return warned_recordings(given.capture(), given.path)


def choose_streams(recordings: Sequence[Recording], device: str | None, path: Path) -> list[Recording]:
    """Return the streams of ``device``: "BUS.ADDRESS", one of them, or "VID:PID" in hexadecimal.

    One is "BUS.ADDRESS.ENDPOINT", with "in" or "out" behind it, or its endpoint as an address (2.10.0x81);
    without a direction it has to be the only one. None takes the only stream. Raises CaptureError that lists
    the streams where the choice is open or empty.
    """
    if not recordings:
        raise CaptureError(
            f"{path}: no device sent interrupt or bulk packets in it: capture while the device is in use"
        )
    choices = "; ".join(summary_of(recording) for recording in recordings)
    if device is None:
        if len(recordings) > 1:
            raise CaptureError(f"{path}: holds {len(recordings)} streams, choose with --device: {choices}")
        return list(recordings)
    if not _DEVICE.fullmatch(device):
        raise CaptureError(
            f"--device {device}: write BUS.ADDRESS, BUS.ADDRESS.ENDPOINT, that with in or out, or VID:PID; "
            f"{path} holds {choices}"
        )
    wanted = [r for r in recordings if device.lower() in _names(r)]
    if not wanted:
        raise CaptureError(f"{path}: holds no stream {device}, choose with --device: {choices}")
    if len(wanted) > 1 and device.count(".") > 1:
        names = ", ".join(recording.name for recording in wanted)
        raise CaptureError(f"{path}: --device {device} has several streams, choose one of {names}")
    return wanted


def _names(recording: Recording) -> set[str]:
    """All that a stream may be chosen by."""
    directed = directed_name(recording)
    plain = directed.removesuffix("in").removesuffix("out")
    device = plain.rpartition(".")[0]
    address = f"{device}.{int(recording.endpoints[0]):#04x}"
    return {recording.name, directed, plain, device, address, _identity(recording)}


def _identity(recording: Recording) -> str:
    return f"{recording.device.vendor_id:04x}:{recording.device.product_id:04x}"


def summary_of(recording: Recording) -> str:
    """Return the name, device and size of a stream, for a person to choose by."""
    lengths = sorted(set(recording.lengths.tolist()))
    span = f"{lengths[0]}" if len(lengths) == 1 else f"{lengths[0]} to {lengths[-1]}"
    return f"{recording.name} ({_identity(recording)}, {len(recording)} packets of {span} bytes)"


def _refuse_cut(recording: Recording, path: Path) -> None:
    cut = [event for event in recording.events if event.kind == "cut"]
    if cut:
        raise CaptureError(
            f"{path}: {len(cut)} packets of stream {recording.name} were cut when captured (the first to "
            f"{cut[0].detail}): capture again without a snap length (tcpdump -s 0)"
        )
