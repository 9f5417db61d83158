"""Which layer of a Keras model TensorFlow cannot convert: by number, kind and shapes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from zerotap.errors import ModelError

from .tracing import converted

if TYPE_CHECKING:
    import keras

# What TensorFlow's converter says of an operation that it has no kernel for.
_OPERATION: Final = re.compile(r"'(tf\.\w+)' op is neither")


def refusal(model: keras.Model, error: Exception, source: str) -> ModelError:
    """The error that names the first layer that cannot be converted alone, or else the operation.

    Where all can be, and the model takes ids, these are the likelier fault: none was looked at before.
    """
    for number, operation in enumerate(operations(model)):
        if (fault := _fault(operation)) is not None:
            named = f"{layer_named(number, operation)} cannot be converted to int8{_operation(fault)}"
            break
    else:
        if str(model.inputs[0].dtype).startswith("int"):
            return ModelError(
                f"{source}: TensorFlow refuses its ids or cannot convert it to int8"
                f"{_operation(error)}; check the ids' range first, from 0 to below the embedding's rows."
            )
        named = f"TensorFlow cannot convert it to int8{_operation(error)}"
    return ModelError(f"{source}: {named}; rebuild it with Dense, Conv1D, pooling and tf.gather.")


@contextmanager
def naming_masks(model: keras.Model, source: str) -> Iterator[None]:
    """A refusal of a model that masks its input names the layer that does: it needs what has no int8 form."""
    import keras

    try:
        yield
    except ModelError as error:
        for number, layer in enumerate(operations(model)):
            if isinstance(layer, keras.layers.Masking) or getattr(layer, "mask_zero", False):
                raise ModelError(_masks(number, layer, source)) from error
        raise


def _masks(number: int, layer: Any, source: str) -> str:  # noqa: ANN401
    what = "mask_zero=True" if getattr(layer, "mask_zero", False) else "a Masking layer"
    return (
        f"{source}: {layer_named(number, layer)} masks what is padded ({what}), which the layers behind it "
        "compute with float operators that have no int8 form; train it without: the padding then "
        "counts as one more value."
    )


def operations(model: keras.Model) -> Sequence[Any]:
    """Layers and bare operations in order, without the inputs; none of a model of another kind."""
    import keras

    found = getattr(model, "operations", model.layers)
    return [each for each in found if not isinstance(each, keras.layers.InputLayer)]


def _fault(operation: Any) -> Exception | None:  # noqa: ANN401
    """What TensorFlow says of one operation alone; None where it can be converted, or not be taken out."""
    import keras
    from tensorflow.lite.python.convert_phase import ConverterError

    if isinstance(operation, keras.layers.RNN | keras.layers.Bidirectional):
        return None  # its loops are replaced before, so that none of it is TensorFlow's to refuse
    try:
        alone = keras.Model(operation.input, operation.output)
    except (AttributeError, ValueError, TypeError):
        return None
    try:
        converted(alone)
    except (RuntimeError, ValueError, TypeError, ConverterError) as error:
        return error
    return None


def layer_named(number: int, operation: Any) -> str:  # noqa: ANN401
    """A layer by number, kind, name and shapes, with a comma behind it."""
    shapes = " -> ".join(_shapes(operation, end) for end in ("input", "output"))
    return f"layer {number} {type(operation).__name__} ({operation.name}), {shapes},"


def _shapes(operation: Any, end: str) -> str:  # noqa: ANN401
    tensors = getattr(operation, end, None)
    several = tensors if isinstance(tensors, list | tuple) else [tensors]
    return " + ".join(str(tuple(each.shape[1:])) for each in several if each is not None) or "?"


def _operation(error: Exception) -> str:
    match = _OPERATION.search(str(error))
    return f" (it needs {match[1]})" if match else ""
