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

_OTHER_FLOATS: Final = ("float16", "bfloat16", "float64")
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
    return ModelError(f"{source}: {named}; docs/keras-layers.md says what to use instead.")


def refuse_kinds(model: keras.Model, source: str) -> None:
    """Raise ModelError for what no int8 model is made of: text, other floats, Keras's own quantisation."""
    for tensor in model.inputs:
        if tensor.dtype == "string":
            raise ModelError(
                f"{source}: its input {tensor.name} is text, and a board has none; build the model on the "
                "int32 ids that its first layers make of it, and make these before."
            )
        if any(tensor is each for each in model.outputs):
            raise ModelError(f"{source}: its input {tensor.name} is an output too; leave that output out.")
    if len({id(tensor) for tensor in model.outputs}) < len(model.outputs):
        raise ModelError(f"{source}: has one tensor twice among its outputs; leave one of them out.")
    for number, layer in enumerate(operations(model)):
        if fault := _kind_fault(layer):
            raise ModelError(f"{source}: {layer_named(number, layer)} {fault}.")


def _kind_fault(layer: Any) -> str:  # noqa: ANN401
    """Why a layer's numbers are none to make int8 of, and what can be done; "" where they are."""
    if (mode := getattr(layer, "quantization_mode", None)) is not None:
        return f"is quantised by Keras ({mode}); give the model as it was before model.quantize()"
    computed = getattr(layer, "compute_dtype", None)
    if computed not in _OTHER_FLOATS:
        return ""
    return (
        f"computes in {computed} (dtype policy {layer.dtype_policy.name}), int8 is made of float32: build it "
        "again under keras.config.set_dtype_policy('float32'), and give it these weights by "
        "set_weights(model.get_weights())"
    )


@contextmanager
def naming_masks(model: keras.Model, source: str) -> Iterator[None]:
    """A refusal of a model that masks its input names the layer that does: it needs what has no int8 form.

    So does one of a model whose integers are cast.
    """
    import keras

    try:
        yield
    except ModelError as error:
        for number, layer in enumerate(operations(model)):
            if isinstance(layer, keras.layers.Masking) or getattr(layer, "mask_zero", False):
                raise ModelError(_masks(number, layer, source)) from error
        taken = next((each for each in model.inputs if "int" in str(each.dtype)), None)
        if taken is not None and " CAST (" in str(error):
            raise ModelError(
                f"{source}: its input {taken.name} is {taken.dtype}, which its layers cast; build it with "
                "keras.Input(shape) in float32 for numbers, or keras.Input(shape, dtype='int32') for ids."
            ) from error
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
