"""A user's own model: a Python file with build(pipeline, outputs) -> keras.Model, which runs as it is.

It is the user's own code, so nothing keeps it in bounds. What it gives must be of Keras's own layers: model
folders are opened elsewhere, where no code of others runs.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from zerotap.contents import Bounds, read_contents, text_fault
from zerotap.errors import ModelError
from zerotap.features import Pipeline

from .family import ModelSpec
from .user_parts import check_new_weights, last_function

if TYPE_CHECKING:
    import keras

FAMILY: Final = "user"
SUFFIX: Final = ".py"
_WORDS_MAX: Final = 200
_NO_LOGITS: Final = ("softmax", "sigmoid")
_BUILTIN: Final = re.compile(r"keras(\.|$)|builtins$|zerotap\.")
_OWN_NAMES: Final = re.compile(r"zerotap>")
_BOUNDS: Final = Bounds(ModelError, 1 << 20, "give a Python file with a model", text_fault)


def user_spec(path: str | Path) -> ModelSpec:
    """Run the file and give its model as a family of its own, named as the file; raises ModelError.

    Windows are those of conv, or a sensor's, where no pipeline is given.
    """
    path = Path(path)
    source = _source(path)
    build = getattr(_run(path, source), "build", None)
    if not callable(build):
        raise ModelError(
            f"{path} has no function build: define build(pipeline, outputs) -> keras.Model in it"
        )
    return ModelSpec(
        path.stem,
        UserBuild(path, build),
        Pipeline.raw(path.stem, length=96, hop=48),
        epochs=40,
        batch=64,
        learning_rate=5e-3,
        family=FAMILY,
        about=source.decode(errors="replace"),
    )


@dataclass(frozen=True, slots=True)
class UserBuild:
    """The file's ``build``; what it raises is a ModelError that names the line, what it gives is checked.

    ``given`` are the weights of the models that it gave: each of a seed or a fold has its own.
    """

    path: Path
    build: Callable[[Pipeline, int], Any]
    given: list[Any] = field(default_factory=list, repr=False, compare=False)

    def __call__(self, pipeline: Pipeline, outputs: int) -> keras.Model:
        """Build the model for a pipeline's windows and so many outputs."""
        try:
            model = self.build(pipeline, outputs)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise ModelError(_told(self.path, error)) from error
        _check(self.path, model, pipeline, outputs)
        check_new_weights(self.path, model, self.given)
        self.given.extend(model.variables)
        return _functional(model)


def _functional(model: keras.Model) -> keras.Model:
    """A Sequential as a model of one input and one output, as all others are."""
    import keras

    is_sequential = isinstance(model, keras.Sequential)
    return keras.Model(model.inputs[0], model.outputs[0], name=model.name) if is_sequential else model


def _source(path: Path) -> bytes:
    try:
        return read_contents(path, _BOUNDS)
    except OSError as error:
        why = error.strerror or error
        raise ModelError(f"{path} cannot be read ({why}): give a Python file with a model") from error


def _run(path: Path, source: bytes) -> ModuleType:
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    try:
        exec(compile(source, str(path), "exec"), vars(module))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise ModelError(_told(path, error)) from error
    return module


def _told(path: Path, error: BaseException) -> str:
    """One sentence: the file, its line where the error came from, and what it was."""
    said = re.split(r"\.\s|\n", _words(error).rpartition("Exception encountered: ")[2].strip() or "no words")[
        0
    ]
    said = said.rstrip(". ") if len(said) <= _WORDS_MAX else f"{said[:_WORDS_MAX]} ..."
    return f"{path}, line {_line(path, error)}: {type(error).__name__}, {said}: mend the file"


def _words(error: BaseException) -> str:
    """What an error says, "" where it is one of the file's own that cannot say it."""
    try:
        return str(error)
    except Exception:
        return ""


def _line(path: Path, error: BaseException) -> int:
    """The last line of the file that ran, or the one that is no Python."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno or 1
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)
    ]
    return next((line for line in reversed(lines) if line), 1)


def _check(path: Path, model: Any, pipeline: Pipeline, outputs: int) -> None:  # noqa: ANN401
    """Raise ModelError where ``model`` is none that training, saving and the board take."""
    import keras

    if not isinstance(model, keras.Model):
        raise ModelError(f"{path}: build gives {type(model).__name__}, return a keras.Model")
    if type(model) not in (keras.Model, keras.Sequential) and not type(model).__module__.startswith("keras."):
        raise ModelError(
            f"{path}: the model's class {type(model).__name__} is code of your own, which no model folder "
            "holds: return keras.Model(inputs, outputs) or a Sequential"
        )
    _check_ends(path, model, pipeline, outputs)
    for what in foreign_parts(model.get_config()):
        raise ModelError(
            f"{path}: {what} is code of your own, which no model folder holds and no board runs: "
            "use Keras's own layers and functions"
        )
    if not model.trainable_variables:
        raise ModelError(f"{path}: the model has no weights to train: give it a layer that has, not frozen")


def _check_ends(path: Path, model: keras.Model, pipeline: Pipeline, outputs: int) -> None:
    if not model.built or len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ModelError(
            f"{path}: build gives no model of one input and one output: begin with a keras.Input"
        )
    taken, given = tuple(model.inputs[0].shape[1:]), tuple(model.outputs[0].shape[1:])
    if taken != pipeline.input_shape:
        raise ModelError(
            f"{path}: the model takes {taken}, the pipeline gives {pipeline.input_shape}: begin with "
            "keras.Input(pipeline.input_shape)"
        )
    if given != (outputs,):
        raise ModelError(
            f"{path}: the model gives {given}, it must give {outputs} logits: end it with a Dense of as many"
        )
    is_ids = pipeline.signals[-1].dtype == "int32"
    if ("int" in str(model.inputs[0].dtype)) != is_ids:
        wanted = (
            'ids: keras.Input(..., dtype="int32")'
            if is_ids
            else "numbers: leave the dtype of keras.Input out"
        )
        raise ModelError(f"{path}: the model takes {model.inputs[0].dtype}, the pipeline gives {wanted}")
    last = last_function(model)
    if last in _NO_LOGITS:
        raise ModelError(f"{path}: the model ends in {last}, training takes logits: leave the activation out")


def foreign_parts(config: Any) -> Iterator[str]:  # noqa: ANN401
    """What in a Keras config is of neither Keras nor zerotap, or is code: "class Gate", "function wave"."""
    if isinstance(config, dict):
        if what := _foreign(config):
            yield what
        else:
            for value in config.values():
                yield from foreign_parts(value)
    elif isinstance(config, list | tuple):
        for value in config:
            yield from foreign_parts(value)


def _foreign(part: dict[str, Any]) -> str:
    """What one part is, "" where it is Keras's own: Keras names its own functions by a string alone."""
    name, own = part.get("class_name"), part.get("registered_name")
    if name in ("__lambda__", "Lambda") or part.keys() == {"value"}:  # the latter of an activation
        return "a Lambda"
    if name == "function":
        return f"function {part.get('config')}"
    module = part.get("module")
    is_known = module is None or _BUILTIN.match(str(module))
    is_registered = own is not None and own != name and not _OWN_NAMES.match(str(own))
    return f"class {name}" if name and "module" in part and (is_registered or not is_known) else ""
