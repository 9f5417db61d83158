"""Comparison: both paths on the same split, as floats and as the board computes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from zerotap.reporting import no_progress

from .evaluation.evaluating import dequantise, evaluate
from .evaluation.readings import reading_of
from .evaluation.scoring import score
from .families.registry import COMPARED
from .trained import Trained
from .training.choosing import chosen_spec, holds_samples, suited, takes_samples
from .training.settings import TrainingSettings
from .training.train_models import train_on
from .two_sides import split_recordings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from zerotap.capture import Dataset
    from zerotap.reporting import Progress


class Measurement(Protocol):
    """What a measurement on the board must give: see ``compare``."""

    @property
    def outputs(self) -> NDArray[np.int8]:
        """The model's int8 outputs (n, classes), in the order of ``trained.test.x``."""

    @property
    def output_scale(self) -> float:
        """Logit units a step of the outputs."""

    @property
    def output_zero_point(self) -> int:
        """The output that means 0."""

    @property
    def report(self) -> dict[str, Any]:
        """What `zerotap verify --json` prints."""


@dataclass(frozen=True, slots=True)
class Row:
    """One model's line: scores by recording, 0 to 1; ``ms`` at ``clock_hz``.

    ``samples`` windows were compared for equality.
    """

    name: str
    kind: str
    macro_f1_float: float
    accuracy_float: float
    macro_f1_int8: float
    accuracy_int8: float
    flash_bytes: int
    ram_bytes: int
    stack_bytes: int
    cycles: int
    ms: float
    samples: int
    mismatches: int
    oracle: str
    compiler: str
    board: str
    clock_hz: int

    def to_json(self) -> dict[str, Any]:
        """Give the fields of report.json."""
        return {key: value for key, value in asdict(self).items() if key != "accuracy_float"}


@dataclass(frozen=True, slots=True, repr=False)
class Comparison:
    """Models compared on one dataset; ``note`` says how it was split, ``recordings`` how many were tested."""

    rows: tuple[Row, ...]
    synthetic: bool
    recordings: int
    note: str

    def __repr__(self) -> str:
        """Return one line: each model's int8 accuracy."""
        models = ", ".join(f"{row.name} {row.accuracy_int8:.3f}" for row in self.rows)
        return f"Comparison({models}; {self.recordings} test recordings, {self.data})"

    @property
    def best(self) -> Row:
        """The model whose int8 scores are the highest."""
        return max(self.rows, key=lambda row: row.macro_f1_int8)

    @property
    def data(self) -> str:
        """Return "synthetic" or "recorded"."""
        return "synthetic" if self.synthetic else "recorded"

    def to_json(self) -> dict[str, Any]:
        """Give report.json's content."""
        return {"data": self.data, "models": [row.to_json() for row in self.rows]}


def compare(
    dataset: Dataset,
    names: Sequence[str],
    measure: Callable[[Trained], Measurement],
    *,
    seed: int = 0,
    on_progress: Progress = no_progress,
) -> Comparison:
    """Train each model named on one split of ``dataset`` and measure it.

    Where none is named they are those of ``COMPARED`` that suit it.

    ``measure`` quantises a model, runs its whole test set on the board and compares it with the oracle.
    ``on_progress(stage, done, total)`` as for ``train``. Raises ModelError for an unknown name, before any
    work, and what ``train`` raises.
    """
    settings = TrainingSettings(seed)
    specs = [chosen_spec(name) for name in names or COMPARED]
    split = split_recordings(dataset, on_progress)
    if not names and holds_samples(split):
        specs = [spec for spec in specs if takes_samples(spec)]
    rows = []
    for spec in [suited(spec, split) for spec in specs]:
        trained = train_on(split, dataset, spec, settings, on_progress=on_progress)
        rows.append(compare_one(trained, measure(trained)))
    return Comparison(tuple(rows), dataset.synthetic, len(split.test), split.note)


def compare_one(trained: Trained, measured: Measurement) -> Row:
    """Put a model's float scores beside its int8 scores and its measured costs."""
    as_float = evaluate(trained)
    logits = dequantise(measured.outputs, measured.output_scale, measured.output_zero_point)
    as_int8 = score(logits, trained.test, reading_of(trained.facts))
    costs = {key: value for key, value in measured.report.items() if key in Row.__dataclass_fields__}
    return Row(
        name=trained.name,
        kind=trained.kind,
        macro_f1_float=as_float.macro_f1,
        accuracy_float=as_float.accuracy,
        macro_f1_int8=as_int8.macro_f1,
        accuracy_int8=as_int8.accuracy,
        **costs,
    )
