"""What comparing models asks of firmware: one trained model, quantised, built and run on the board."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .quantising.calibration import write_tflite
from .quantising.quantise import quantise
from .tflite.reader import read_tflite
from .verification import Progress, verify

if TYPE_CHECKING:
    from zerotap.models import Trained


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """One model on the simulated board.

    ``outputs`` int8 (n, classes) in the order of ``trained.test``; real = ``output_scale`` * (q -
    ``output_zero_point``); ``report`` is what `zerotap verify --json` prints.
    """

    outputs: NDArray[np.int8]
    output_scale: float
    output_zero_point: int
    report: dict[str, int | str]


def measure(
    trained: Trained,
    out_dir: Path | None = None,
    compiler: str | None = None,
    on_progress: Progress | None = None,
) -> Measurement:
    """Quantise a model by its training windows and verify it on every one of its test windows.

    ``out_dir`` receives model.tflite. Raises ModelError, ToolchainError or DoesNotFitError.
    """
    from zerotap.models import model_input

    content = quantise(trained.model, model_input(trained.train.x))
    with tempfile.TemporaryDirectory(prefix="zerotap-") as scratch:
        path = (out_dir or Path(scratch)) / "model.tflite"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_tflite(content, path)
        verification = verify(path, model_input(trained.test.x), compiler, on_progress)
        graph = read_tflite(path)
    target = graph.tensors[graph.output]
    scale, zero_point = float(target.scale[0]), int(target.zero_point[0])
    return Measurement(verification.outputs, scale, zero_point, verification.to_json())
