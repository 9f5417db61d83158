"""What a search found: the values of search.json, which a later version of zerotap reads too."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from .front import Counts
from .limits import Objective, SearchLimits

SEARCH_FILE: Final = "search.json"
VERSION: Final = 1
COUNTED: Final = {
    "message": "all that the packets and the windows of a message take, its stages and every inference: the "
    "mean over training recordings of every length",
    "window": "what the packets of a window take in the stages, and one inference: the mean over training "
    "recordings",
}


@dataclass(frozen=True, slots=True)
class MeasuredCosts:
    """What the simulated board measured of a linked model behind its pipeline.

    ``cycles`` and ``cycles_most`` as of ``PlannedCosts``, of the same recordings; ``samples`` test windows
    were compared with ``oracle`` for equality, and ``pushed`` results of test recordings, packet by packet.
    """

    flash_bytes: int
    ram_bytes: int
    cycles: int
    cycles_most: int
    ms: float
    ms_most: float
    samples: int
    pushed: int
    mismatches: int
    oracle: str
    compiler: str


@dataclass(frozen=True, slots=True)
class FoundModel:
    """One model of the Pareto set; ``name`` is its folder.

    ``validation_macro_f1`` is what it was chosen by, of recordings of the training side; ``test`` the scores
    on the test side, from the board's bits; ``planned`` what the search took it to cost.
    """

    name: str
    trial: int
    family: str
    kind: str
    parameters: dict[str, Any]
    validation_macro_f1: float
    validation_each: tuple[float, ...]
    test: dict[str, Any]
    planned: dict[str, int]
    measured: MeasuredCosts
    export: str

    @property
    def test_macro_f1(self) -> float:
        """Macro-F1 on the test side."""
        return float(self.test["macro_f1"])


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """What a search came to: the Pareto set, the cheapest first, and how it was found.

    ``left_out``: names of models that the plan took to fit and the linked program does not, with why.
    """

    members: tuple[FoundModel, ...]
    left_out: dict[str, str]
    limits: SearchLimits
    objective: Objective
    unit: str
    seed: int
    storage: str
    study: str
    counts: Counts
    data: dict[str, Any]
    board: str

    def __repr__(self) -> str:
        """Return one line."""
        names = ", ".join(f"{one.name} {one.test_macro_f1:.3f}" for one in self.members)
        return f"Found({names}; {self.counts.all} trials, within {self.limits})"

    @property
    def best(self) -> FoundModel:
        """The one with the best score on the held-out training recordings: the test side chooses nothing."""
        return max(self.members, key=lambda one: one.validation_macro_f1)

    def to_json(self) -> dict[str, Any]:
        """Give search.json's content."""
        return {
            "type": "search",
            "version": VERSION,
            "objective": self.objective,
            "limits": self.limits.to_json(),
            "unit": self.unit,
            "counted": COUNTED[self.unit],
            "board": self.board,
            "seed": self.seed,
            "storage": self.storage,
            "study": self.study,
            "trials": asdict(self.counts),
            "data": self.data,
            "best": self.best.name,
            "members": [asdict(one) for one in self.members],
            "left_out": self.left_out,
        }
