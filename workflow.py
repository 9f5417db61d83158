"""What joins the rooms, from Python: a model becomes a verified Arduino library, or is compared with others.

    library = build(trained, "MoodNet", name="mood")
    library.report["cycles"]

What is given is checked first; TensorFlow is loaded when it is needed.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from zerotap import foreign
from zerotap.capture import Dataset, generate_corpus, open_dataset, type_messages
from zerotap.earlier_demos import DEMO
from zerotap.errors import ModelError, NotExactError
from zerotap.features import PIPELINE_FILE, Pipeline
from zerotap.firmware import (
    DEFAULTS,
    INT8_BITS,
    QUANTISING,
    TFLITE_FILE,
    WHOLE_RANGE,
    BuildOptions,
    CArray,
    Library,
    ModelFile,
    Samples,
    Verification,
    check_export,
    check_precision,
    check_tflite_out,
    check_trust,
    default_out,
    export,
    find_compiler,
    is_int8,
    is_model_folder,
    plan,
    random_inputs,
    read_model,
    read_pipeline,
    read_tflite,
    tflite_file,
    verify,
    write_tflite,
)
from zerotap.firmware import analyse as describe_plan
from zerotap.isolation import DEFAULT_LIMITS, Limits
from zerotap.models import Trained, load_windows, model_input, read_facts, split_windows
from zerotap.models import compare as compare_models
from zerotap.replacing import check_replaceable, replaceable_folder
from zerotap.reporting import LOADING, Progress, no_progress
from zerotap.writing import check_apart, new_folder, scratch_folder

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from zerotap.models import Comparison

RANDOM_SAMPLES: Final = 32


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
        given = _Given(samples, dataset, options.isolation, trust)
        ready = _ready(model, given, scratch, on_progress)
        verification = verify(ready.model, ready.windows, options, on_progress=on_progress)
        if verification.mismatches:
            raise NotExactError(
                f"{name}: {verification.mismatches} of {verification.samples} samples differ from "
                f"{verification.oracle}; please report this model, it is a bug"
            )
        library = export(ready.model, out, name, options, force=force, on_progress=on_progress)
        push = {"push": library.report} if Path(ready.model).is_dir() else {}
    return replace(library, report={**verification.report, **push})


@dataclass(frozen=True, slots=True, eq=False)
class _Ready:
    """An int8 .tflite, or a folder with it and its pipeline, and what to verify it on."""

    model: ModelFile
    windows: Samples


@dataclass(frozen=True, slots=True, eq=False)
class _Given:
    """What a model is to be calibrated and verified on, and how far it is trusted."""

    samples: Samples | None
    dataset: Dataset | str | Path | None
    isolation: Limits | None
    trust: bool


def _ready(
    model: Trained | keras.Model | ModelFile | bytes, given: _Given, scratch: Path, on_progress: Progress
) -> _Ready:
    _check_given(model, given)
    if isinstance(model, Trained):
        return _quantised(model, given, scratch, on_progress)
    if isinstance(model, bytes):
        write_tflite(model, scratch / TFLITE_FILE)
        return _ready_file(scratch / TFLITE_FILE, given, scratch, on_progress)
    if isinstance(model, str | Path | CArray):
        if is_model_folder(Path(model)):
            return _ready_folder(Path(model), given, scratch, on_progress)
        return _ready_file(model, given, scratch, on_progress)
    if given.samples is None:
        raise ModelError("a Keras model needs samples to calibrate and verify it on: build(..., samples=x)")
    on_progress(QUANTISING, 0, 0)
    content, windows = foreign.quantise_keras(model, given.samples, isolation=given.isolation)
    return _converted(content, windows, scratch)


def _check_given(model: Trained | keras.Model | ModelFile | bytes, given: _Given) -> None:
    """Refuse what would be left unused: nothing that is given is ignored."""
    samples, dataset = given.samples, given.dataset
    if isinstance(model, Trained):
        if samples is not None or dataset is not None:
            raise ModelError("a trained model has its own windows: leave out samples and dataset")
    elif samples is not None and dataset is not None:
        raise ModelError("there are samples and a dataset to verify on: give one of them")
    elif not isinstance(model, str | Path | CArray | bytes) and not hasattr(model, "layers"):
        raise ModelError(f"{model!r:.80} is no model: give a Trained, a Keras model, a path or a .tflite")
    elif dataset is not None and not isinstance(model, str | Path | CArray):
        raise ModelError("only a model's folder has the pipeline to cut a dataset with: give samples")


def _ready_folder(folder: Path, given: _Given, scratch: Path, on_progress: Progress) -> _Ready:
    if (folder / TFLITE_FILE).is_file():
        if given.dataset is not None:
            return _Ready(folder, verification_windows(folder, given.dataset))
        return _Ready(folder, drawn_inputs(folder) if given.samples is None else given.samples)
    read_facts(folder)
    if given.dataset is None:
        raise ModelError(f"{folder} has no {TFLITE_FILE}: give the dataset to calibrate it on")
    found = load_windows(folder, given.dataset, on_progress=on_progress)
    done = foreign.quantise_file(folder, found.train.x, isolation=given.isolation, on_progress=on_progress)
    return _with_pipeline(done.content, found.pipeline, found.test.x, scratch)


def _ready_file(model: ModelFile, given: _Given, scratch: Path, on_progress: Progress) -> _Ready:
    if not Path(model).exists():
        raise ModelError(f"{model}: there is no such file; check the path")
    if is_int8(model):
        if given.dataset is not None:
            return _Ready(model, verification_windows(model, given.dataset))
        return _Ready(model, drawn_inputs(model) if given.samples is None else given.samples)
    if given.samples is None:
        raise ModelError(f"{model} is no int8 .tflite: give samples to calibrate and verify it on")
    done = foreign.quantise_file(
        model, given.samples, trust=given.trust, isolation=given.isolation, on_progress=on_progress
    )
    return _converted(done.content, done.windows, scratch)


def drawn_inputs(model: ModelFile) -> NDArray[Any]:
    """32 inputs over the whole range of what an int8 .tflite takes, always the same; raises ModelError."""
    return random_inputs(read_model(tflite_file(model)), RANDOM_SAMPLES, seed=0)


def _quantised(trained: Trained, given: _Given, folder: Path, on_progress: Progress) -> _Ready:
    """A trained model as int8, with its pipeline beside it in ``folder``."""
    if not len(trained.train) or not len(trained.test):
        raise ModelError("the trained model has no windows: load it together with its dataset")
    on_progress(QUANTISING, 0, 0)
    content = foreign.quantise_trained(trained, isolation=given.isolation, on_progress=on_progress)
    return _with_pipeline(content, trained.pipeline, trained.test.x, folder)


def _with_pipeline(content: bytes, pipeline: Pipeline, test: NDArray[Any], folder: Path) -> _Ready:
    write_tflite(content, folder / TFLITE_FILE)
    (folder / PIPELINE_FILE).write_text(pipeline.to_toml(), encoding="utf-8")
    return _Ready(folder, model_input(test))


def _converted(content: bytes, windows: NDArray[Any], folder: Path) -> _Ready:
    path = folder / f"int8-{TFLITE_FILE}"
    write_tflite(content, path)
    return _Ready(path, windows)


def verification_windows(model: ModelFile, dataset: Dataset | str | Path) -> NDArray[Any]:
    """The test windows of ``dataset``, cut by the pipeline in a model's folder, as its model takes them.

    ``model``: the folder, or the .tflite in it. Returns float32 0 to 1 of bytes, or int32 ids; no TensorFlow
    is loaded. Raises ModelError, FeatureError or CaptureError.
    """
    path = Path(model)
    folder = path if path.is_dir() else path.parent
    tflite_file(path)
    if not (folder / PIPELINE_FILE).is_file():
        raise ModelError(f"{path} has no pipeline beside it to cut a dataset with: give --samples X.npy")
    _, test, _ = split_windows(open_dataset(dataset), read_pipeline(folder))
    return model_input(test.x)


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

    Returns the report, see quantise_source(). Raises ModelError, CaptureError, FeatureError or OutputError;
    ``out`` appears whole or not at all.
    """
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
    done = quantised(model, windows, weight_bits, lengths=lengths, percentile=percentile, max_loss=max_loss)
    return done.write(target, replace=may_replace)


def _calibration(
    path: Path, dataset: Dataset | str | Path | None, on_progress: Progress
) -> NDArray[Any] | None:
    """The training windows of the dataset where there is one."""
    if dataset is not None and not is_model_folder(path):
        raise ModelError(f"{path} has no pipeline beside it to cut a dataset with: give --samples X.npy")
    data = None if dataset is None else open_dataset(dataset)
    return None if data is None else load_windows(path, data, on_progress=on_progress).train.x


def analyse(model: ModelFile | bytes, options: BuildOptions = DEFAULTS) -> dict[str, Any]:
    """What an int8 .tflite (its path, C source, its content, a model's folder) holds and costs, by layer.

    Returns what `zerotap analyse --json` prints; no compiler is needed. Raises ModelError.
    """
    content = model if isinstance(model, bytes) else tflite_file(model)
    graph = read_tflite(content, options.oracle)
    planned = plan(graph, options)
    return describe_plan(planned)


def measure(
    trained: Trained,
    folder: str | Path | None = None,
    options: BuildOptions = DEFAULTS,
    *,
    on_progress: Progress = no_progress,
) -> Verification:
    """Quantise a model by its training windows and verify it on every one of its test windows.

    ``folder`` receives model.tflite. Raises ModelError, ToolchainError or DoesNotFitError.
    """
    with scratch_folder() as scratch:
        on_progress(QUANTISING, 0, 0)
        path = (scratch if folder is None else Path(folder)) / TFLITE_FILE
        write_tflite(foreign.quantise_trained(trained, isolation=options.isolation), path)
        return verify(path, model_input(trained.test.x), options, on_progress=on_progress)


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

    Without ``names`` all models that suit it. ``out`` gets report.json and for each model NAME/ with the
    trained model, model.tflite and the library NAME/arduino; it appears whole or not at all.
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
        export(folder, folder / "arduino", f"{trained.name}_model", options, on_progress=report)
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
    """Type ``messages`` synthetic messages and compare every model on them.

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
