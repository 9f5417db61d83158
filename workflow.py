"""What joins the rooms, from Python: a model becomes a verified Arduino library, or is compared with others.

    library = build(trained, "MoodNet", name="mood")
    library.report["cycles"]

What is given is checked first; TensorFlow is loaded when it is needed.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from zerotap import foreign
from zerotap.capture import Dataset, generate_corpus, open_dataset, type_messages
from zerotap.earlier_demos import DEMO
from zerotap.errors import ModelError
from zerotap.features import IntegerModel, write_integer_model
from zerotap.firmware import (
    DEFAULTS,
    INT8_BITS,
    QUANTISING,
    TFLITE_FILE,
    WHOLE_RANGE,
    BuildOptions,
    Library,
    ModelFile,
    Samples,
    Threshold,
    Verification,
    check_export,
    check_precision,
    check_tflite_out,
    check_trust,
    default_out,
    export,
    find_compiler,
    is_integer_file,
    is_model_folder,
    model_file,
    open_artefact,
    threshold_codes,
    verify,
    write_tflite,
)
from zerotap.isolation import DEFAULT_LIMITS, Limits
from zerotap.models import FACTS_FILE, Trained, load_windows, model_input, read_facts
from zerotap.models import compare as compare_models
from zerotap.ready_models import RANDOM_SAMPLES as RANDOM_SAMPLES
from zerotap.ready_models import Given, ready
from zerotap.ready_models import drawn_inputs as drawn_inputs
from zerotap.ready_models import verification_data as verification_data
from zerotap.ready_models import verification_windows as verification_windows
from zerotap.replacing import check_replaceable, replaceable_folder
from zerotap.reporting import LOADING, Progress, no_progress
from zerotap.writing import check_apart, new_folder, scratch_folder

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from zerotap.models import Comparison

NO_LETTER: Final = "[^A-Za-z0-9_]"
"""What a model's name may hold and no name in C does."""
NEEDS_NONE: Final = "computes in integers already, and needs no quantising"


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
        verification = verify(
            made.model, made.windows, options, recordings=made.recordings, on_progress=on_progress
        )
        verification.check(name)
        library = export(
            made.model,
            out,
            name,
            options,
            force=force,
            thresholds=thresholds_of(model),
            on_progress=on_progress,
        )
        push = {"push": library.report} if Path(made.model).is_dir() else {}
    return replace(library, report={**verification.report, **push})


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
    which the int8 model may say something else. ``force`` replaces an earlier int8 .tflite;
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
    if max_loss is not None and thresholds_of(model):
        raise ModelError(
            f"{path} has outputs with thresholds, and max_loss compares which output is the greatest: leave "
            "it out, and see int8 beside float in `zerotap evaluate`"
        )
    windows = _calibration(path, dataset, on_progress) if samples is None else samples
    if samples is not None and is_model_folder(path):
        read_facts(path)
    if windows is None:
        raise ModelError(f"{path}: there is nothing to calibrate on; give --samples X.npy")
    quantised = partial(foreign.quantise_file, trust=trust, isolation=isolation, on_progress=on_progress)
    done = quantised(model, windows, weight_bits, lengths=lengths, percentile=percentile, max_loss=max_loss)
    return _with_codes(done.write(target, replace=may_replace), model)


def thresholds_of(model: object) -> tuple[Threshold, ...]:
    """The thresholds of a trained model or a model's folder, in the order of its outputs; mostly none."""
    facts = model.facts if isinstance(model, Trained) else None
    if isinstance(model, str | Path) and (Path(model) / FACTS_FILE).is_file():
        facts, _ = read_facts(model)
    return () if facts is None else tuple(map(Threshold, facts.labels, facts.thresholds))


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


def analyse(model: ModelFile | bytes, options: BuildOptions = DEFAULTS) -> dict[str, Any]:
    """What a model holds and costs: an int8 .tflite (its path, C source, its content) by layer.

    Or an integer model's file (table.npz, forest.npz), or a model's folder.

    Returns what `zerotap analyse --json` prints; no compiler is needed. Raises ModelError.
    """
    return open_artefact(model, options).analyse()


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


def compare(
    dataset: Dataset | str | Path,
    out: str | Path,
    names: Sequence[str] = (),
    options: BuildOptions = DEFAULTS,
    *,
    seed: int = 0,
    on_progress: Progress = no_progress,
) -> Comparison:
    """Compare models on ``dataset`` and write the results into a new ``out``.

    Without ``names`` dense, conv and text, if they suit it. ``out`` gets report.json and for each model NAME/
    with the trained model, model.tflite and the library NAME/arduino; it appears whole or not at all.
    ``on_progress(stage, done, total)`` as work goes on. Where ``out`` cannot be written after all, what is
    finished is kept in a temporary folder: the OutputError says where.
    """
    data = open_dataset(dataset)
    check_apart(out, {"dataset": data})
    find_compiler(options.compiler)
    with new_folder(out, keep=True) as part:
        return _compare_into(part, data, names, options, seed, on_progress)


def _compare_into(
    part: Path,
    data: Dataset,
    names: Sequence[str],
    options: BuildOptions,
    seed: int,
    on_progress: Progress,
) -> Comparison:
    def on_board(trained: Trained) -> Verification:
        folder = part / trained.name
        trained.save(folder)

        def report(stage: str, done: int, total: int) -> None:
            if stage != LOADING:  # it has been, to train
                on_progress(f"{trained.name}, {stage}", done, total)

        measured = measure(trained, folder, options, on_progress=report)
        thresholds = thresholds_of(trained)
        export(
            folder,
            folder / "arduino",
            f"{re.sub(NO_LETTER, '_', trained.name)}_model",
            options,
            thresholds=thresholds,
            on_progress=report,
        )
        return measured

    comparison = compare_models(data, names, on_board, seed=seed, on_progress=on_progress)
    text = json.dumps(comparison.to_json(), indent=2) + "\n"
    (part / "report.json").write_text(text, encoding="utf-8")
    return comparison


def run_demo(
    out: str | Path,
    *,
    messages: int,
    seed: int = 0,
    options: BuildOptions = DEFAULTS,
    force: bool = False,
    on_progress: Progress = no_progress,
) -> Comparison:
    """Type ``messages`` synthetic messages and compare dense, conv and text models on them.

    ``out`` gets messages.csv, dataset/, report.json and a folder a model; it appears whole or not at all.
    ``force`` replaces the files of an earlier demo and no others. ``on_progress(stage, done, total)``. Raises
    what the stages raise, ModelError where ``out`` is in use, and OutputError where it cannot be written;
    what is finished is then kept in a temporary folder.
    """
    check_replaceable(out, DEMO, force)
    find_compiler(options.compiler)
    with replaceable_folder(out, DEMO, force=force, keep=True) as part:
        write_corpus(part / "messages.csv", messages, seed)
        messages_csv, recordings = part / "messages.csv", part / "dataset"
        dataset = type_messages(messages_csv, recordings, seed=seed, on_progress=on_progress)
        return _compare_into(part, dataset, (), options, seed, on_progress)


def write_corpus(path: str | Path, messages: int, seed: int) -> None:
    """Write the synthetic corpus as a CSV that `zerotap type` reads: columns label, text."""
    with Path(path).open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("label", "text"), *generate_corpus(messages, seed)])
