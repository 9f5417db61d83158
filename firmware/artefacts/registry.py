"""Which kinds of models there are, by the name of the file in a model's folder, and opening one."""

from __future__ import annotations

from pathlib import Path

from zerotap.errors import ModelError
from zerotap.features.integer_models import INTEGER_MODELS, read_integer_model
from zerotap.firmware.integer_models import TWINS
from zerotap.firmware.options import DEFAULTS, BuildOptions
from zerotap.firmware.planning.integer_plan import plan_integer
from zerotap.firmware.tflite.files import TFLITE_FILE, tflite_file
from zerotap.firmware.tflite.model_bytes import ModelFile

from .integer_model import IntegerArtefact
from .interface import Artefact
from .tflite_model import TfliteModel


def artefact_files() -> tuple[str, ...]:
    """The names of files that are models, in a model's folder."""
    return (TFLITE_FILE, *INTEGER_MODELS)


def find_artefact(folder: Path) -> Path | None:
    """The file of the model in a model's folder, None where there is none; ModelError where there are several."""
    found = [folder / name for name in artefact_files() if (folder / name).exists()]
    if len(found) > 1:
        names = " and ".join(file.name for file in found)
        raise ModelError(f"{folder} holds {names}, and a model is one of them: remove what is not its")
    return found[0] if found else None


def is_integer_file(path: str | Path) -> bool:
    """Whether a file is named as an integer model is, or a folder has one."""
    path = Path(path)
    if path.is_dir():
        path = find_artefact(path) or path
    return path.name in INTEGER_MODELS


def open_artefact(model: ModelFile | bytes, options: BuildOptions = DEFAULTS) -> Artefact:
    """Open a model of any kind: a model's folder, its file, C source that holds a .tflite, or its content.

    An integer model is known by its file's name. Raises ModelError for a file that is none, a folder without
    one or with several, and options that it has nothing to do with.
    """
    if isinstance(model, bytes):
        return TfliteModel.read(model, options)
    if is_integer_file(model):
        return _integer(Path(model), options)
    if Path(model).suffix == ".npz" and Path(model).is_file():
        raise ModelError(f"{model} is not named as a model: an .npz that is one is {' or '.join(INTEGER_MODELS)}")
    return TfliteModel.read(tflite_file(model), options)


def _integer(path: Path, options: BuildOptions) -> IntegerArtefact:
    file = (find_artefact(path) or path) if path.is_dir() else path
    return IntegerArtefact(
        plan_integer(read_integer_model(file), TWINS[file.name], str(file), options)
    )
