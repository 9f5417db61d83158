"""A model on a real board is compared with the oracle: test windows, and recordings item by item."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from zerotap.errors import ModelError
from zerotap.features import PIPELINE_FILE
from zerotap.firmware import (
    DEFAULTS,
    BoardVerification,
    BuildOptions,
    ModelFile,
    Samples,
    SerialLink,
    library_build,
    read_pipeline,
    verify_on,
)
from zerotap.reporting import Progress, no_progress

from .ready_models import DRAWN_PACKETS, drawn_inputs, verification_data

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Dataset


def verify_on_board(
    model: ModelFile,
    port: str,
    *,
    dataset: Dataset | str | Path | None = None,
    samples: Samples | None = None,
    library: str | Path | None = None,
    options: BuildOptions = DEFAULTS,
    on_progress: Progress = no_progress,
) -> BoardVerification:
    """Send a model's inputs to the board at ``port``, which runs its library's SerialStream, and compare.

    ``port``: the path of a serial port, or VID:PID. The inputs: the test windows of ``dataset``, and some of
    its recordings item by item (all of a model that takes ids); or ``samples``; or drawn ones. ``library``:
    the folder of the export that is on the board; another build is refused.

    Raises BoardError, CaptureError for a port that does not open, ModelError or FeatureError.
    """
    build = library_build(library) if library is not None else ""
    inputs, recordings = _inputs(model, dataset, samples)
    with SerialLink(port) as link:
        return verify_on(
            model, inputs, link, options, recordings=recordings, build=build, on_progress=on_progress
        )


def _inputs(
    model: ModelFile, dataset: Dataset | str | Path | None, samples: Samples | None
) -> tuple[Samples, tuple[NDArray[Any], ...]]:
    if samples is not None and dataset is not None:
        raise ModelError("there are samples and a dataset to verify on: give one of them")
    if samples is not None:
        return samples, ()
    if dataset is not None:
        return verification_data(model, dataset, on_board=True)
    has_pipeline = (Path(model) / PIPELINE_FILE).is_file()
    pushed = (read_pipeline(Path(model)).draw(DRAWN_PACKETS),) if has_pipeline else ()
    return drawn_inputs(model), pushed
