"""From the name of a device to labelled recordings in a dataset, for notebooks and the command line."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from zerotap.capture.datasets.dataset import Dataset, check_dataset_folder
from zerotap.capture.datasets.sensor_notes import note_sensor
from zerotap.capture.signals import Stop, stopped_by_signals
from zerotap.capture.sources.registry import find_source
from zerotap.capture.sources.source import Source, opened
from zerotap.capture.sources.usb import UsbSource
from zerotap.capture.sources.usbmon import UsbmonSource
from zerotap.capture.usb.giving_back import DriverLostError
from zerotap.capture.usb.opening import DeviceOptions
from zerotap.errors import CaptureError, OutputError

from .bus_take import BusTake
from .session import Operator, Plan, Recorded, check_plan
from .session import record as record_session

KEYBOARD_WARNING = "Every key pressed on this keyboard is recorded, passwords too."
BUS_WARNING = "Every key pressed on a keyboard of this bus is recorded, passwords too."

_log = logging.getLogger(__name__)


class _Logging(Operator):
    """Announces by warnings: those a notebook shows without being set up for it."""

    def announce(self, text: str) -> None:
        _log.warning("%s", text)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a dataset says of its recordings; an empty text leaves what it says already."""

    licence: str = ""
    consent: str = ""


def record(
    device: str,
    dataset: str | Path | Dataset,
    label: str | Sequence[str],
    *,
    seconds: float | None = None,
    packets: int | None = None,
    name: str = "",
    options: DeviceOptions | None = None,
    takes_only_keyboard: bool = False,
) -> list[Recorded]:
    """Record what ``device`` sends into a dataset, which is made where there is none, and return the files.

    ``device`` is VID:PID, VID:PID:serial, bus.address or a unique part of its name, or else
    "serial:/dev/ttyUSB0@115200", "virtual:sensor@200", "replay:FILE" and the like. Several labels are
    recorded one after the other, so long each, after a countdown. It ends after ``seconds`` or ``packets``;
    without either, when the kernel is interrupted (the stop button).

    Raises CaptureError for a device that is not there or does not open, where it is this machine's only
    keyboard and ``takes_only_keyboard`` is not given, and where nothing came or it was unplugged: what came
    before is kept, and the sentence says where.
    """
    labels = (label,) if isinstance(label, str) else tuple(label)
    plan = Plan(labels, name, seconds, packets, prompt=len(labels) > 1)
    source = find_source(device, options)
    if warning := keyboard_warning(source, takes_only_keyboard):
        _log.warning("%s", warning)
    folder = dataset.path if isinstance(dataset, Dataset) else Path(dataset)
    with stopped_by_signals(ends_program=False, holds_device=True) as stop:
        results = record_source(source, folder, plan, operator=_Logging(), stop=stop)
    for result in results:
        if problem := result.problem():
            raise CaptureError(problem)
    if isinstance(dataset, Dataset):
        dataset.manifest = Dataset.open(folder).manifest
    return results


def record_source(
    source: Source,
    folder: Path,
    plan: Plan,
    terms: Terms | None = None,
    operator: Operator | None = None,
    stop: Stop | None = None,
) -> list[Recorded]:
    """Open ``source``, record it as planned into the dataset ``folder``, and measure what is a sensor's.

    Raises CaptureError as opening and ``session.record`` do, OutputError where ``folder`` holds other things;
    the device is then not touched. That a device could not be given back is said by the last recording.
    """
    stop, terms = stop or Stop(), terms or Terms()
    check_plan(plan)
    check_dataset_folder(folder)
    # Held: no signal may come between a driver's detaching and its return; the session looks for them itself.
    results: list[Recorded] = []
    try:
        with stop.held(), opened(source):
            dataset = Dataset.open_or_create(folder, source.synthetic)
            bus = _bus_of(source)
            is_one = bus is None or bus.only is not None  # the devices of a whole bus are in their files
            device = source.identity if is_one else None
            dataset.note(device, source.descriptors, terms.licence, terms.consent)
            take_of = partial(BusTake, bus) if bus else None
            results = record_session(source, dataset, plan, operator, stop, take_of)
    except DriverLostError as lost:
        if not results:
            raise
        results[-1] = replace(results[-1], driver_lost=str(lost))
    if source.transfer != "bulk":
        return results
    return [_measured(result, dataset) for result in results]


def _measured(result: Recorded, dataset: Dataset) -> Recorded:
    """Add what a sensor turned out to send; a manifest that cannot say so takes no recording along."""
    if result.path is None:
        return result
    try:
        return replace(result, sensor=note_sensor(dataset, result.path))
    except (CaptureError, OutputError) as error:
        return replace(result, stopped="failed", fault=result.fault or str(error))


def keyboard_warning(source: Source, takes_only_keyboard: bool) -> str:
    """Say that everything typed is recorded, "" where no keyboard is.

    Raises CaptureError for the only keyboard of this machine unless ``takes_only_keyboard``.
    """
    if _bus_of(source):
        return BUS_WARNING
    if not isinstance(source, UsbSource) or source.synthetic or not source.is_keyboard():
        return ""
    if not takes_only_keyboard and source.is_only_keyboard():
        raise CaptureError(
            "This is the only USB keyboard here, and no key of it reaches this machine while it is recorded, "
            "nor does Ctrl-C: add --yes if you have another way to type, or --yes --seconds 30 "
            "(takes_only_keyboard=True in Python)"
        )
    return KEYBOARD_WARNING


def _bus_of(source: Source) -> UsbmonSource | None:
    """The source, where many devices may send in it: each stream has a file, and drivers stay."""
    return source if isinstance(source, UsbmonSource) else None
