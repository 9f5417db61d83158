"""A model on a real board is compared with the oracle: test windows, and recordings item by item."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from zerotap.errors import ModelError
from zerotap.features import PIPELINE_FILE
from zerotap.firmware import (
    DEFAULTS,
    MKR_ZERO,
    SIMULATED,
    BoardVerification,
    BuildOptions,
    Link,
    ModelFile,
    Samples,
    SerialLink,
    SimulatedLink,
    export,
    find_compiler,
    library_build,
    read_pipeline,
    stream_image,
    verify_on,
)
from zerotap.reporting import Progress, no_progress
from zerotap.writing import scratch_folder

from .building import labels_of, thresholds_of
from .ready_models import DRAWN_PACKETS, drawn_inputs, verification_data

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Dataset


_NAME: Final = "model"


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

    ``port``: the path of a serial port, or VID:PID; or "simulated", where the library is exported, its
    SerialStream built on a small core of our own, and booted by the simulated board. The inputs: the test
    windows of ``dataset``, and some of its recordings item by item (all of a model that takes ids); or
    ``samples``; or drawn ones. ``library``: the folder of the export that is on a real board; another build
    is refused.

    Raises BoardError, CaptureError for a port that does not open, ModelError or FeatureError.
    """
    if port == SIMULATED:
        _check_simulated(options, library)
    build = library_build(library) if library is not None else ""
    inputs, recordings = _inputs(model, dataset, samples)
    with _link(model, port, options, on_progress) as link:
        return verify_on(
            model, inputs, link, options, recordings=recordings, build=build, on_progress=on_progress
        )


def _check_simulated(options: BuildOptions, library: str | Path | None) -> None:
    if library is not None:
        raise ModelError("the simulated board gets a library that is exported now: leave the other one out")
    if options.board.chip != MKR_ZERO.chip:
        raise ModelError(
            f"the {options.board.name} is not simulated as a whole board, with its USB: verify without --on, "
            "or on a real one"
        )


@contextmanager
def _link(model: ModelFile, port: str, options: BuildOptions, on_progress: Progress) -> Iterator[Link]:
    """A line to the board at ``port``, or to a simulated one that has the model's library."""
    if port != SIMULATED:
        with SerialLink(port) as link:
            yield link
        return
    with scratch_folder() as scratch:
        library = export(
            model,
            scratch / "library",
            _NAME,
            options,
            thresholds=thresholds_of(model),
            labels=labels_of(model),
            on_progress=on_progress,
        )
        (scratch / "image").mkdir()
        image = stream_image(library.folder, scratch / "image", find_compiler(options.compiler))
        yield SimulatedLink(image, options.board)


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
