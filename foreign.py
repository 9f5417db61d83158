"""Models from anywhere: TensorFlow opens, quantises and scores them in its child process, within limits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from zerotap.capture import Dataset
from zerotap.contents import check_regular
from zerotap.errors import ModelError
from zerotap.features import IntegerModel
from zerotap.firmware import (
    INT8_BITS,
    TFLITE_FILE,
    WHOLE_RANGE,
    CArray,
    ModelFile,
    Oracle,
    Quantised,
    Samples,
    Source,
    as_rows,
    check_trust,
    float_source,
    keras_float,
    keras_source,
    keras_windows,
    named,
    open_source,
    quantise,
    quantise_input,
    quantise_source,
    read_tflite,
    takes_ids_as_other,
)
from zerotap.isolation import DEFAULT_LIMITS, Answer, Limits, ask, packed, unpacked
from zerotap.models import (
    MODEL_FILE,
    FolderWindows,
    KerasFile,
    Scores,
    Trained,
    dequantise,
    load_keras,
    load_network,
    load_windows,
    model_input,
    network_outputs,
    reading_of,
    score,
)
from zerotap.reporting import Progress, no_progress

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

_HERE: Final = "zerotap.foreign"


def quantise_file(
    model: ModelFile,
    samples: Samples,
    weight_bits: int = INT8_BITS,
    *,
    lengths: Sequence[int] = (),
    percentile: float = WHOLE_RANGE,
    max_loss: float | None = None,
    thresholds: Sequence[float] = (),
    trust: bool = False,
    isolation: Limits | None = DEFAULT_LIMITS,
    on_progress: Progress = no_progress,
) -> Quantised:
    """Quantise a model's folder, a .keras file, a SavedModel, a .tflite, or C source that holds one.

    ``samples``: windows (n, ...) in the model's own scale, of several inputs an array for each by name; for a
    folder as its pipeline gives them. ``lengths``: one for each free extent of them; ``percentile``,
    ``max_loss`` and ``thresholds`` as of quantise_source(). ``trust``: a SavedModel may run what it holds.
    Raises ModelError, also where TensorFlow dies of it or passes a limit.
    """
    path = Path(model)
    check_trust(path, trust)
    array = model.name if isinstance(model, CArray) else None
    asked = {
        "array": array,
        "lengths": list(lengths),
        "weight_bits": weight_bits,
        "trust": trust,
        "percentile": percentile,
        "max_loss": max_loss,
        "thresholds": list(thresholds),
    }
    values = {"path": str(path), **asked}
    arrays = [as_rows(samples)]
    return _quantised(
        ask(
            f"{_HERE}:serve_file",
            values,
            arrays,
            source=str(path),
            isolation=isolation,
            on_progress=on_progress,
        )
    )


def quantise_trained(
    trained: Trained,
    weight_bits: int = INT8_BITS,
    *,
    isolation: Limits | None = DEFAULT_LIMITS,
    on_progress: Progress = no_progress,
) -> bytes:
    """The int8 .tflite of a trained model, calibrated on its training windows; raises ModelError.

    ``weight_bits``: 4 to 8. TensorFlow has one that was loaded from a folder in its child process alone.
    """
    windows = trained.train.x
    if isinstance(trained.network, KerasFile):
        folder = trained.network.path.parent
        done = quantise_file(folder, windows, weight_bits, isolation=isolation, on_progress=on_progress)
        return done.content
    return quantise(trained.network, model_input(windows), weight_bits, isolation)


def quantise_keras(
    model: keras.Model, samples: Samples, *, isolation: Limits | None = DEFAULT_LIMITS
) -> tuple[bytes, NDArray[Any]]:
    """The int8 .tflite of a Keras model, and ``samples``, in its own scale, as it takes them.

    TensorFlow converts the model in this process, and calibrates and runs it in the child. Raises ModelError.
    """
    samples = as_rows(samples)
    if not takes_ids_as_other(model):
        windows = keras_windows(model, samples)
        return quantise(model, windows, isolation=isolation), windows
    name = named(model)
    arrays = [packed(keras_float(model, name)), samples]
    answer = ask(f"{_HERE}:serve_float", {"name": name}, arrays, source=name, isolation=isolation)
    return unpacked(answer.arrays[0]), answer.arrays[1]


def evaluate_folder(
    folder: str | Path,
    dataset: Dataset | str | Path,
    *,
    isolation: Limits | None = DEFAULT_LIMITS,
    on_progress: Progress = no_progress,
) -> tuple[FolderWindows, dict[str, Scores]]:
    """Score the model in a folder on the test recordings of ``dataset``: "float", and "int8" if it is there.

    An integer model has scores of "int32" alone, which are the board's.
    TensorFlow has both files in its child process, within the limits of ``isolation``. Returns the folder's
    windows and the scores. Raises ModelError, FeatureError or CaptureError.
    """
    tflite = Path(folder) / TFLITE_FILE
    graph = None
    if tflite.exists():
        check_regular(tflite, ModelError)
        graph = read_tflite(tflite)
    found = load_windows(folder, dataset, on_progress=on_progress)
    reading = reading_of(found.facts)
    network = load_network(folder)
    if isinstance(network, IntegerModel):
        return found, {"int32": score(network_outputs(network, found.test.x), found.test, reading)}
    outputs = network.outputs(found.test.x, isolation=isolation, on_progress=on_progress)
    scores = {"float": score(outputs, found.test, reading)}
    if graph is not None:
        on_progress("scoring int8", 0, 0)
        source, target = graph.tensors[graph.input], graph.tensors[graph.output]
        codes = quantise_input(model_input(found.test.x), source)
        integers = Oracle(tflite, isolation=isolation).invoke(codes)
        logits = dequantise(integers, float(target.scale[0]), int(target.zero_point[0]))
        scores["int8"] = score(logits, found.test, reading)
    return found, scores


def serve_file(values: dict[str, Any], arrays: list[NDArray[Any]], on_progress: Progress) -> Answer:
    """The child's: see :func:`quantise_file`."""
    path, array = Path(values["path"]), values["array"]
    source = _open(path if array is None else CArray(path, array), values, on_progress)
    done = quantise_source(
        source,
        arrays[0],
        values["weight_bits"],
        percentile=values["percentile"],
        max_loss=values["max_loss"],
        thresholds=values["thresholds"],
        on_progress=on_progress,
    )
    return Answer({"report": done.report}, (packed(done.content), done.windows))


def serve_float(values: dict[str, Any], arrays: list[NDArray[Any]], _on_progress: Progress) -> Answer:
    """The child's: see :func:`quantise_keras`."""
    source = float_source(unpacked(arrays[0]), values["name"])
    windows = source.prepare(arrays[1])
    return Answer(arrays=(packed(source.convert(windows, INT8_BITS)), windows))


def _open(model: ModelFile, values: dict[str, Any], on_progress: Progress) -> Source:
    lengths = tuple(values["lengths"])
    source = open_source(model, lengths=lengths, trust=values["trust"], on_progress=on_progress)
    if source is not None:
        return source
    path = Path(model)
    if not path.is_dir():
        return keras_source(load_keras(path, on_progress=on_progress), str(path), lengths=lengths)
    file = path / MODEL_FILE  # with a pipeline beside it, which gives bytes
    return keras_source(load_keras(file, on_progress=on_progress), str(file), model_input, lengths)


def _quantised(answer: Answer) -> Quantised:
    content, windows = answer.arrays
    return Quantised(unpacked(content), answer.values["report"], windows)
