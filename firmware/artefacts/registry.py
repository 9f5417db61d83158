"""Which kinds of models there are, by the name of the file in a model's folder, and opening one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from zerotap.errors import ModelError
from zerotap.features import INTEGER_MODELS, read_integer_model
from zerotap.firmware.integer_models import TWINS
from zerotap.firmware.options import DEFAULTS, BuildOptions
from zerotap.firmware.planning.integers.integer_plan import plan_integer
from zerotap.firmware.tflite.files import TFLITE_FILE, tflite_file
from zerotap.firmware.tflite.model_bytes import ModelFile

from .integer_model import IntegerArtefact
from .interface import Artefact
from .tflite_model import TfliteModel

_PICKLES: Final = (".pkl", ".pickle", ".joblib")


def artefact_files() -> tuple[str, ...]:
    """The names of files that are models, in a model's folder."""
    return (TFLITE_FILE, *INTEGER_MODELS)


def find_artefact(folder: Path) -> Path | None:
    """The file of the model in a model's folder, None where there is none.

    Raises ModelError where there are several: which is the model nobody can tell.
    """
    found = [folder / name for name in artefact_files() if (folder / name).exists()]
    if len(found) > 1:
        names = " and ".join(file.name for file in found)
        raise ModelError(f"{folder} holds {names}, and a model is one of them: remove what is not its")
    return found[0] if found else None


def is_integer_file(model: ModelFile) -> bool:
    """Whether a file is named as an integer model is, or a folder has one.

    Raises ModelError for one that is named as a pickle: it stays closed.
    """
    path = Path(model)
    if path.suffix.lower() in _PICKLES:
        raise ModelError(
            f"{path} is not opened, as whoever opens a pickle runs what is in it: load it in Python if you "
            "trust it, and give a forest of scikit-learn to zerotap.models.forest_from"
        )
    if path.is_dir():
        path = find_artefact(path) or path
    return path.name in INTEGER_MODELS


def model_file(model: ModelFile) -> ModelFile:
    """The file of a model: itself, or the one in a model's folder; raises ModelError where there is none."""
    path = Path(model)
    if is_integer_file(model):
        return (find_artefact(path) or path) if path.is_dir() else path
    if path.suffix == ".npz" and path.is_file():
        named = " or ".join(INTEGER_MODELS)
        raise ModelError(f"{path} is not named as a model: an .npz that is one is called {named}")
    return tflite_file(model)


def open_artefact(model: ModelFile | bytes, options: BuildOptions = DEFAULTS) -> Artefact:
    """Open a model of any kind: a model's folder, its file, C source that holds a .tflite, or its content.

    An integer model is known by its file's name. Raises ModelError for a file that is none, a folder without
    one or with several, and options that it has nothing to do with.
    """
    if isinstance(model, bytes):
        return TfliteModel.read(model, options)
    file = model_file(model)
    path = Path(file)
    if path.name not in INTEGER_MODELS:
        return TfliteModel.read(file, options)
    planned = plan_integer(read_integer_model(path), TWINS[path.name], str(path), options)
    return IntegerArtefact(planned)
