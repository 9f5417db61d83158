"""Networks: what a model computes with, in this process or in a file, and the file of a model's folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from zerotap.features import IntegerModel, find_integer_file, read_integer_model, write_integer_model
from zerotap.isolation import DEFAULT_LIMITS, Limits

from .keras_file import MODEL_FILE, KerasFile, check_keras_file, keras_outputs

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

Network: TypeAlias = "keras.Model | KerasFile | IntegerModel"


def save_network(network: Network, folder: Path) -> None:
    """Write a network's file into a folder that is being made: model.keras, or an integer model's."""
    if isinstance(network, IntegerModel):
        write_integer_model(network, folder)
    elif isinstance(network, KerasFile):
        shutil.copyfile(network.path, folder / MODEL_FILE)
    else:
        network.save(folder / MODEL_FILE)


def load_network(folder: str | Path) -> KerasFile | IntegerModel:
    """The network of a model's folder: an integer model, or the file that TensorFlow's child opens.

    Raises ModelError where there is neither, or a damaged one.
    """
    file = find_integer_file(folder)
    if file is not None:
        return read_integer_model(file)
    path = Path(folder) / MODEL_FILE
    check_keras_file(path)
    return KerasFile(path.absolute())


def network_outputs(
    network: Network, x: NDArray[Any], *, isolation: Limits | None = DEFAULT_LIMITS
) -> NDArray[np.floating[Any]]:
    """Run a network over a pipeline's windows (n, ...): (n, classes), the greatest is the verdict.

    Logits float32 of a Keras model; of an integer model its scores times their scale, float64, in which no
    two scores become equal. ``isolation``: the limits of the child process that has a loaded Keras model.
    """
    if isinstance(network, IntegerModel):
        return network.scores(x) * np.float64(network.scale)
    if isinstance(network, KerasFile):
        return network.outputs(x, isolation=isolation)
    return keras_outputs(network, x)
