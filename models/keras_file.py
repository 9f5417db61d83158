"""A .keras or .h5 file: TensorFlow has it in its child process, for a stranger may have made it."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.errors import ModelError
from zerotap.isolation import DEFAULT_LIMITS, Answer, Limits, ask
from zerotap.reporting import LOADING, Progress, no_progress

from .older_files import keras_2_layers
from .scaling import model_input

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

MODEL_FILE: Final = "model.keras"
_WORDS_MAX: Final = 160
_UNKNOWN: Final = re.compile(
    r"(?:Could not locate (?:class|function)|Unknown layer:|Could not deserialize) '([^']{1,80})'"
)
_LAMBDA: Final = "passed to Lambda:"
_ADVICE: Final = ("safe_mode", "unsafe_deserialization")


@dataclass(frozen=True, slots=True)
class KerasFile:
    """A .keras file at an absolute ``path``, which stays there: it is opened anew for each question."""

    path: Path

    def outputs(
        self,
        windows: NDArray[Any],
        *,
        isolation: Limits | None = DEFAULT_LIMITS,
        on_progress: Progress = no_progress,
    ) -> NDArray[np.float32]:
        """Logits float32 (n, classes) for a pipeline's windows (n, ...).

        Raises ModelError, also where TensorFlow dies of the file or passes a limit.
        """
        path, arrays = str(self.path), [np.asarray(windows)]
        values = {"path": path}
        verb = f"{__name__}:serve_outputs"
        answer = ask(verb, values, arrays, source=path, isolation=isolation, on_progress=on_progress)
        return answer.arrays[0]


def serve_outputs(values: dict[str, Any], arrays: list[NDArray[Any]], on_progress: Progress) -> Answer:
    """The child's: see :meth:`KerasFile.outputs`."""
    model = load_keras(values["path"], on_progress=on_progress)
    return Answer(arrays=(keras_outputs(model, arrays[0]),))


def keras_outputs(model: keras.Model, x: NDArray[Any]) -> NDArray[np.float32]:
    """Run a Keras model over a pipeline's windows (n, ...): logits float32 (n, classes)."""
    outputs: NDArray[np.float32] = model.predict(model_input(x), batch_size=256, verbose=0)
    return outputs


def load_keras(path: str | Path, *, on_progress: Progress = no_progress) -> keras.Model:
    """Load a .keras or .h5 file into this process, in Keras's safe mode, without its optimiser.

    Those of Keras 2 are taken too, and zerotap's own layers.

    It is for the child process: a file may crash TensorFlow or fill the memory, so what a stranger may have
    made goes by load_trained() or quantise_file(), which ask the child. Raises ModelError where it is none.
    """
    check_keras_file(path)
    on_progress(LOADING, 0, 0)
    import keras

    from .families import hashed_embedding  # noqa: F401  (its layer must be registered)

    try:
        with keras_2_layers():
            return keras.models.load_model(path, {"Functional": keras.Model}, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise _refusal(path, str(error)) from error


def _refusal(path: str | Path, why: str) -> ModelError:
    """What Keras says of a file; never its advice to load code without its safe mode."""
    if found := _UNKNOWN.search(why):
        return ModelError(
            f"{path} holds {found[1]}, which Keras 3 does not have: a class of others, whose code is not run "
            "here, or an older one; ask for a .tflite of it, or for what model.export() writes (with --trust)"
        )
    if _LAMBDA not in why and not any(words in why for words in _ADVICE):
        return ModelError(
            f"{path} cannot be read ({_last_cause(why)}): save it with Keras 3, or give a .tflite, which "
            "the Keras that saved it makes"
        )
    held = "a Lambda, which is code" if "lambda" in why.lower() else "a layer that runs code or opens files"
    return ModelError(
        f"{path} holds {held} of whoever made it, and none is run here: ask for the model without it, or for "
        "a .tflite of it"
    )


def _last_cause(words: str) -> str:
    """What Keras says of a fault in the end, without the layers' configs that it prints around it."""
    cause = words.rpartition("Exception encountered: ")[2].strip() or "Keras says no cause"
    sentence = re.split(r"\.\s|\n|Full object config|config=", cause)[0].rstrip(". ")
    return sentence if len(sentence) <= _WORDS_MAX else f"{sentence[:_WORDS_MAX]} ..."


def check_keras_file(path: str | Path) -> None:
    """Raise ModelError for what Keras cannot load either, without loading Keras."""
    path = Path(path)
    if not path.is_file():
        raise _unreadable(path, "there is no such file")
    if path.suffix == ".keras" and not zipfile.is_zipfile(path):
        raise _unreadable(path, "it is not a whole .keras file")


def _unreadable(path: str | Path, why: str) -> ModelError:
    return ModelError(f"{path} cannot be read ({why}): save it with Keras 3, or train it again")
