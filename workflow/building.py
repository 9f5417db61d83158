"""A model of any origin becomes a verified Arduino library; what it costs; what it computes on the board."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zerotap import foreign
from zerotap.capture import Dataset
from zerotap.features import IntegerModel, write_integer_model
from zerotap.firmware import (
    DEFAULTS,
    QUANTISING,
    TFLITE_FILE,
    BuildOptions,
    Library,
    ModelFile,
    Samples,
    Threshold,
    Verification,
    check_export,
    export,
    model_options,
    open_artefact,
    verify,
    write_tflite,
)
from zerotap.models import FACTS_FILE, Facts, Trained, model_input, read_facts
from zerotap.reporting import Progress, no_progress
from zerotap.writing import check_apart, scratch_folder

from .ready_models import Given, ready

if TYPE_CHECKING:
    import keras


def build(
    model: Trained | keras.Model | ModelFile | bytes,
    out: str | Path,
    *,
    name: str,
    samples: Samples | None = None,
    dataset: Dataset | str | Path | None = None,
    options: BuildOptions = DEFAULTS,
    force: bool = False,
    trust: bool = False,
    on_progress: Progress = no_progress,
) -> Library:
    """Quantise a model, link it, verify it on the simulated board, and write it as an Arduino library.

    ``model``:

    - a ``Trained``: calibrated on its training windows, verified on its test windows; the library has its
      pipeline's stages too, NAME_push();
    - a Keras model, or a path to a .keras file, a SavedModel or a float .tflite: calibrated and verified on
      ``samples``, float32 (n, ...) in the model's own scale, or int32 ids; of a model with several inputs a
      dict of such arrays by name;
    - an int8 .tflite, its path, that of C source that holds it (``CArray(path, name)`` where it holds
      several), or its content: verified on ``samples``, or on 32 random inputs, or where a
      pipeline lies beside it on the test windows of ``dataset``;
    - an integer model (table.npz, forest.npz), a ``Trained`` of one or its folder: verified as it is;
    - a model's folder: verified on the test windows of ``dataset``, or as an int8 .tflite. Without a
      model.tflite in it it is quantised on the training windows of ``dataset``.

    ``out``: a new or empty folder, or with ``force`` an earlier export. ``name``: of the library and its
    functions, NAME_invoke(). ``trust``: a SavedModel may run what it holds.
    ``on_progress(stage, done, total)``.

    The library's ``report`` is what verify() measured: samples, mismatches, cycles, ms, flash_bytes,
    ram_bytes, stack_bytes, oracle, compiler, board and more; ``report["push"]``, where there is a pipeline,
    is what a packet and the whole cost. Raises NotExactError where a sample's outputs differ from the
    oracle's, DoesNotFitError, ModelError, ToolchainError, FeatureError, CaptureError or OutputError: nothing
    is written then.
    """
    check_apart(out, {"model": model, "dataset": dataset})
    check_export(out, name, force)
    with scratch_folder() as scratch:
        given = Given(samples, dataset, options.isolation, trust)
        made = ready(model, given, scratch, on_progress)
        planned = model_options(made.model, options, on_progress)
        verification = verify(
            made.model, made.windows, planned, recordings=made.recordings, on_progress=on_progress
        )
        verification.check(name)
        library = export(
            made.model,
            out,
            name,
            options,
            force=force,
            thresholds=thresholds_of(model),
            labels=labels_of(model),
            verification=verification.report,
            on_progress=on_progress,
        )
        push = {"push": library.report} if Path(made.model).is_dir() else {}
    return replace(library, report={**verification.report, **push})


def thresholds_of(model: object) -> tuple[Threshold, ...]:
    """The thresholds of a trained model or a model's folder, in the order of its outputs; mostly none."""
    facts = _facts_of(model)
    return () if facts is None else tuple(map(Threshold, facts.labels, facts.thresholds))


def labels_of(model: object) -> tuple[str, ...]:
    """What the outputs of a trained model or a model's folder are called, in order; none where unknown."""
    facts = _facts_of(model)
    return () if facts is None else facts.labels or facts.classes


def _facts_of(model: object) -> Facts | None:
    if isinstance(model, Trained):
        return model.facts
    if isinstance(model, str | Path) and (Path(model) / FACTS_FILE).is_file():
        return read_facts(model)[0]
    return None


def analyse(
    model: ModelFile | bytes, options: BuildOptions = DEFAULTS, *, curve: bool = False
) -> dict[str, Any]:
    """What a model holds and costs: an int8 .tflite (its path, C source, its content) by layer.

    Or an integer model's file (table.npz, forest.npz), or a model's folder. ``curve``: with three to five
    points from the smallest to the fastest within the budget.

    Returns what `zerotap analyse --json` prints; no compiler is needed. Raises ModelError.
    """
    artefact = open_artefact(model, options)
    return artefact.analyse() | ({"curve": artefact.curve()} if curve else {})


def measure(
    trained: Trained,
    folder: str | Path | None = None,
    options: BuildOptions = DEFAULTS,
    *,
    on_progress: Progress = no_progress,
) -> Verification:
    """Quantise a model by its training windows and verify it on every one of its test windows.

    ``folder`` receives model.tflite; an integer model needs none, and is verified as it is. Raises
    ModelError, ToolchainError or DoesNotFitError.
    """
    with scratch_folder() as scratch:
        place = scratch if folder is None else Path(folder)
        if isinstance(trained.network, IntegerModel):
            path = write_integer_model(trained.network, scratch)
            return verify(path, trained.test.x, options, on_progress=on_progress)
        on_progress(QUANTISING, 0, 0)
        write_tflite(foreign.quantise_trained(trained, isolation=options.isolation), place / TFLITE_FILE)
        windows = model_input(trained.test.x)
        return verify(place / TFLITE_FILE, windows, options, on_progress=on_progress)
