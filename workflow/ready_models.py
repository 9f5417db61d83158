"""Models of every origin made ready for the board: quantised where they need it, and what to verify on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from zerotap import foreign
from zerotap.capture import Dataset, open_dataset
from zerotap.errors import ModelError
from zerotap.features import PIPELINE_FILE, IntegerModel, Pipeline, write_integer_model
from zerotap.firmware import (
    QUANTISING,
    TFLITE_FILE,
    CArray,
    ModelFile,
    Samples,
    is_int8,
    is_integer_file,
    is_model_folder,
    model_file,
    open_artefact,
    read_pipeline,
    write_tflite,
)
from zerotap.isolation import Limits
from zerotap.models import Trained, cut_windows, load_windows, model_input, read_facts, split_recordings
from zerotap.reporting import Progress, no_progress

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

RANDOM_SAMPLES: Final = 32
PUSHED_RECORDINGS: Final = 3
DRAWN_PACKETS: Final = 400


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A model as the board takes it, or a folder with it and its pipeline, and what to verify it on.

    ``recordings``: what is pushed into the pipeline's stages, packet by packet.
    """

    model: ModelFile
    windows: Samples
    recordings: tuple[NDArray[Any], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What a model is to be calibrated and verified on, and how far it is trusted."""

    samples: Samples | None
    dataset: Dataset | str | Path | None
    isolation: Limits | None
    trust: bool


def ready(
    model: Trained | keras.Model | ModelFile | bytes, given: Given, scratch: Path, on_progress: Progress
) -> Ready:
    """Make ``model`` what the board takes, quantised into ``scratch`` where it is not yet.

    Raises ModelError, also for what would be left unused, FeatureError or CaptureError.
    """
    _check_given(model, given)
    if isinstance(model, Trained):
        return _ready_trained(model, given, scratch, on_progress)
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


def _check_given(model: Trained | keras.Model | ModelFile | bytes, given: Given) -> None:
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


def _ready_folder(folder: Path, given: Given, scratch: Path, on_progress: Progress) -> Ready:
    if (folder / TFLITE_FILE).is_file() or is_integer_file(folder):
        return _ready_artefact(folder, given)
    read_facts(folder)
    if given.dataset is None:
        raise ModelError(f"{folder} has no {TFLITE_FILE}: give the dataset to calibrate it on")
    found = load_windows(folder, given.dataset, on_progress=on_progress)
    done = foreign.quantise_file(folder, found.train.x, isolation=given.isolation, on_progress=on_progress)
    return _with_pipeline(done.content, found.pipeline, found.test.x, scratch)


def _ready_file(model: ModelFile, given: Given, scratch: Path, on_progress: Progress) -> Ready:
    if not Path(model).exists():
        raise ModelError(f"{model}: there is no such file; check the path")
    if is_integer_file(model) or is_int8(model):
        return _ready_artefact(model, given)
    if given.samples is None:
        raise ModelError(f"{model} is no int8 .tflite: give samples to calibrate and verify it on")
    done = foreign.quantise_file(
        model, given.samples, trust=given.trust, isolation=given.isolation, on_progress=on_progress
    )
    return _converted(done.content, done.windows, scratch)


def _ready_artefact(model: ModelFile, given: Given) -> Ready:
    """What the board takes as it is: on a dataset, on samples, or on drawn inputs."""
    if given.dataset is not None:
        return Ready(model, *verification_data(model, given.dataset))
    return Ready(model, drawn_inputs(model) if given.samples is None else given.samples)


def drawn_inputs(model: ModelFile) -> NDArray[Any]:
    """32 inputs over the whole range of what a model takes, always the same; raises ModelError."""
    return open_artefact(model).drawn(RANDOM_SAMPLES, seed=0)


def _ready_trained(trained: Trained, given: Given, folder: Path, on_progress: Progress) -> Ready:
    """A trained model as the board takes it, with its pipeline beside it in ``folder``."""
    if not len(trained.train) or not len(trained.test):
        raise ModelError("the trained model has no windows: load it together with its dataset")
    if isinstance(trained.network, IntegerModel):
        write_integer_model(trained.network, folder)
        (folder / PIPELINE_FILE).write_text(trained.pipeline.to_toml(), encoding="utf-8")
        return Ready(folder, trained.test.x, (trained.pipeline.draw(DRAWN_PACKETS),))
    on_progress(QUANTISING, 0, 0)
    content = foreign.quantise_trained(trained, isolation=given.isolation, on_progress=on_progress)
    return _with_pipeline(content, trained.pipeline, trained.test.x, folder)


def _with_pipeline(content: bytes, pipeline: Pipeline, test: NDArray[Any], folder: Path) -> Ready:
    write_tflite(content, folder / TFLITE_FILE)
    (folder / PIPELINE_FILE).write_text(pipeline.to_toml(), encoding="utf-8")
    return Ready(folder, model_input(test))


def _converted(content: bytes, windows: NDArray[Any], folder: Path) -> Ready:
    path = folder / f"int8-{TFLITE_FILE}"
    write_tflite(content, path)
    return Ready(path, windows)


def verification_windows(model: ModelFile, dataset: Dataset | str | Path) -> NDArray[Any]:
    """The test windows of ``dataset``, cut by the pipeline in a model's folder, as its model takes them.

    ``model``: the folder, or the model in it. Returns of a .tflite float32 0 to 1 of bytes, or int32 ids; of
    an integer model what its pipeline gives, for a table a bag of ids a recording. No TensorFlow is loaded.
    Raises ModelError, FeatureError or CaptureError.
    """
    return verification_data(model, dataset)[0]


def verification_data(
    model: ModelFile, dataset: Dataset | str | Path, *, on_board: bool = False
) -> tuple[NDArray[Any], tuple[NDArray[Any], ...]]:
    """The windows of ``verification_windows``, and what is pushed packet by packet.

    That is nothing of a model that has a stage that the board cannot run, or whose windows are computed
    whole; else the pieces without gaps of the first PUSHED_RECORDINGS test recordings. ``on_board``, to a
    real one, whole windows are pushed too, and every recording where no window can be sent, as of ids.
    """
    path = Path(model)
    folder = path if path.is_dir() else path.parent
    model_file(path)
    if not (folder / PIPELINE_FILE).is_file():
        raise ModelError(f"{path} has no pipeline beside it to cut a dataset with: give --samples X.npy")
    pipeline = read_pipeline(folder)
    split = split_recordings(open_dataset(dataset), no_progress)
    _, test = cut_windows(split, pipeline, no_progress)
    windows = test.x if is_integer_file(model) else model_input(test.x)
    is_pushed = on_board or _is_new_by_item(path, pipeline)
    if any(stage.host_only for stage in pipeline.stages) or not is_pushed:
        return windows, ()
    most = len(split.test) if on_board and pipeline.gives_ids else PUSHED_RECORDINGS
    some = [recording for recording, _ in split.test[:most]]
    return windows, tuple(piece for recording in some for piece in pipeline.pieces(recording))


def _is_new_by_item(model: Path, pipeline: Pipeline) -> bool:
    """Whether packet by packet other code runs than that of whole windows."""
    if is_integer_file(model):
        return True
    try:
        streaming = open_artefact(model).streaming(pipeline)
    except ModelError:  # nothing runs behind a pipeline: its windows are verified
        return False
    return streaming is not None and streaming["is_streamed"]
