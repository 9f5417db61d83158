"""A model on disk becomes an int8 .tflite: a folder, or any other model that TensorFlow reads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from zerotap import foreign
from zerotap.capture import Dataset, open_dataset
from zerotap.errors import ModelError
from zerotap.firmware import (
    INT8_BITS,
    WHOLE_RANGE,
    ModelFile,
    Samples,
    check_precision,
    check_tflite_out,
    check_trust,
    default_out,
    is_integer_file,
    is_model_folder,
    model_file,
    open_artefact,
    threshold_codes,
)
from zerotap.isolation import DEFAULT_LIMITS, Limits
from zerotap.models import load_windows, read_facts
from zerotap.reporting import Progress, no_progress

from .building import thresholds_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


NEEDS_NONE: Final = "computes in integers already, and needs no quantising"


def quantise_file(
    model: ModelFile,
    out: str | Path | None = None,
    *,
    dataset: Dataset | str | Path | None = None,
    samples: Samples | None = None,
    weight_bits: int = INT8_BITS,
    lengths: Sequence[int] = (),
    percentile: float = WHOLE_RANGE,
    max_loss: float | None = None,
    force: bool = False,
    trust: bool = False,
    isolation: Limits | None = DEFAULT_LIMITS,
    on_progress: Progress = no_progress,
) -> dict[str, Any]:
    """Quantise a model's folder, or any other model on disk, into an int8 .tflite.

    A folder is calibrated on the training windows of ``dataset`` or on ``samples``; a .keras file, a
    SavedModel, a .tflite or C source that holds one on ``samples``, of several inputs an array for each by
    name. ``out``: by default model.tflite in the folder, or beside the file. ``weight_bits``: 4 to 8.
    ``lengths``: one for each free extent of the model's windows. ``percentile``: 90 to 100, of a layer's
    values that its range holds at each end. ``max_loss``: the share of the calibration windows, 0 to 1, of
    which the int8 model may say something else, of any label. ``force`` replaces an earlier int8 .tflite;
    the model.tflite in a model's folder is replaced without. ``trust``: a SavedModel may run what it holds.
    ``isolation``: the limits of TensorFlow's child process; None has it in this process.

    An integer model (table.npz, forest.npz) needs none: its report says so in ``note``, nothing is written,
    and what would be left unused (``out``, ``weight_bits``, ``lengths``) is refused.

    Returns the report, see quantise_source(); of a model with thresholds also ``thresholds``, the int8 code
    of each by label. Raises ModelError, CaptureError, FeatureError or OutputError;
    ``out`` appears whole or not at all.
    """
    if is_integer_file(model):
        return _needs_none(model, out is not None or weight_bits != INT8_BITS or len(lengths) > 0)
    path = Path(model)
    target = default_out(path) if out is None else Path(out)
    may_replace = check_tflite_out(target, path, dataset, force=force)
    check_trust(path, trust)
    check_precision(percentile, max_loss)
    windows = _calibration(path, dataset, on_progress) if samples is None else samples
    if samples is not None and is_model_folder(path):
        read_facts(path)
    if windows is None:
        raise ModelError(f"{path}: there is nothing to calibrate on; give --samples X.npy")
    quantised = partial(foreign.quantise_file, trust=trust, isolation=isolation, on_progress=on_progress)
    done = quantised(
        model,
        windows,
        weight_bits,
        lengths=lengths,
        percentile=percentile,
        max_loss=max_loss,
        thresholds=[one.real for one in thresholds_of(model)],
    )
    return _with_codes(done.write(target, replace=may_replace), model)


def _with_codes(report: dict[str, Any], model: ModelFile) -> dict[str, Any]:
    """A report of quantising; where the model has thresholds their int8 codes, and no greatest output."""
    thresholds = thresholds_of(model)
    if not thresholds:
        return report
    kept = {key: value for key, value in report.items() if key != "same_argmax"}
    return {**kept, "thresholds": threshold_codes(thresholds, open_artefact(report["file"]))}


def _needs_none(model: ModelFile, is_told_how: bool) -> dict[str, Any]:
    """The report of a model that is not quantised; refuses what says how to."""
    open_artefact(model)
    file = Path(model_file(model))
    if is_told_how:
        raise ModelError(f"{file} {NEEDS_NONE}: leave out where to and how")
    return {"file": str(file), "note": f"{file} {NEEDS_NONE}"}


def _calibration(
    path: Path, dataset: Dataset | str | Path | None, on_progress: Progress
) -> NDArray[Any] | None:
    """The training windows of the dataset where there is one."""
    if dataset is not None and not is_model_folder(path):
        raise ModelError(f"{path} has no pipeline beside it to cut a dataset with: give --samples X.npy")
    data = None if dataset is None else open_dataset(dataset)
    return None if data is None else load_windows(path, data, on_progress=on_progress).train.x
