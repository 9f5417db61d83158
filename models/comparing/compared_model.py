"""One model of a comparison: what it is, how good it is, what it costs and how that was verified."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import Any, Final, Literal

from zerotap.models.evaluation.scores import Scores
from zerotap.models.head_kinds import HEADS, LABELS
from zerotap.models.seeds import SEED_MAX

from .costs import Costs
from .json_place import Place
from .reading_scores import read_scores

KINDS: Final = ("raw", "text")
MEASURED_AS: Final = ("board", "float")
MOST_WEIGHT_BITS: Final = 8


@dataclass(frozen=True, slots=True)
class SeedScores:
    """One training: what it scores on the test recordings, 0 to 1.

    ``measured_as`` says whether the simulated board computed it ("board") or Keras did ("float").
    ``validation_macro_f1`` is of recordings held out of the training side, None where none were.
    """

    seed: int
    validation_macro_f1: float | None
    macro_f1: float
    accuracy: float
    measured_as: Literal["board", "float"]

    @classmethod
    def from_json(cls, place: Place) -> SeedScores:
        """Read it; raises ModelError."""
        return cls(
            seed=place["seed"].whole(0, SEED_MAX),
            validation_macro_f1=place["validation_macro_f1"].maybe(Place.share),
            macro_f1=place["macro_f1"].share(),
            accuracy=place["accuracy"].share(),
            measured_as="board" if place["measured_as"].text(MEASURED_AS) == "board" else "float",
        )


@dataclass(frozen=True, slots=True)
class Seeds:
    """The trainings of a model; that of seed ``kept`` is what every other number is about.

    It is chosen by its validation score, never by the test recordings.
    """

    kept: int
    each: tuple[SeedScores, ...]

    @property
    def kept_one(self) -> SeedScores:
        """The scores of the seed that was kept."""
        return next(one for one in self.each if one.seed == self.kept)

    @property
    def macro_f1_mean(self) -> float:
        """The mean macro-F1 of the seeds, each as it was measured."""
        return fmean(one.macro_f1 for one in self.each)

    @property
    def macro_f1_worst(self) -> float:
        """The lowest macro-F1 of the seeds."""
        return min(one.macro_f1 for one in self.each)

    def to_json(self) -> dict[str, Any]:
        """Give the fields, with mean and worst."""
        each = [
            {
                "seed": one.seed,
                "validation_macro_f1": one.validation_macro_f1,
                "macro_f1": one.macro_f1,
                "accuracy": one.accuracy,
                "measured_as": one.measured_as,
            }
            for one in self.each
        ]
        return {
            "kept": self.kept,
            "each": each,
            "macro_f1_mean": self.macro_f1_mean,
            "macro_f1_worst": self.macro_f1_worst,
        }

    @classmethod
    def from_json(cls, place: Place) -> Seeds:
        """Read it; raises ModelError."""
        seeds = cls(place["kept"].whole(), tuple(map(SeedScores.from_json, place["each"].each())))
        numbers = [one.seed for one in seeds.each]
        place.require(seeds.kept in numbers, f"keeps seed {seeds.kept}, which is none of {numbers}")
        place.require(len(set(numbers)) == len(numbers), "has a seed twice")
        return seeds


@dataclass(frozen=True, slots=True)
class NarrowWeights:
    """What the model comes to with weights of ``weight_bits`` each, on the simulated board."""

    weight_bits: int
    macro_f1: float
    flash_bytes: int
    cycles: int

    @classmethod
    def from_json(cls, place: Place) -> NarrowWeights:
        """Read it; raises ModelError."""
        return cls(
            place["weight_bits"].whole(1, MOST_WEIGHT_BITS),
            place["macro_f1"].share(),
            place["flash_bytes"].whole(1),
            place["cycles"].whole(1),
        )


@dataclass(frozen=True, slots=True)
class BoardScores:
    """Scores on the test recordings: as the ``board`` computes them, and in ``floats`` before int8.

    ``floats`` is None where a model is made of integers from the start.
    """

    board: Scores
    floats: Scores | None

    def to_json(self) -> dict[str, Any]:
        """Give both under "board" and "float"."""
        return {"board": self.board.to_json(), "float": self.floats.to_json() if self.floats else None}

    @classmethod
    def from_json(cls, place: Place, names: int, tested: int, of_labels: bool) -> BoardScores:
        """Read scores of ``names`` classes, or labels, over ``tested`` recordings; raises ModelError."""

        def read(scores: Place) -> Scores:
            return read_scores(scores, names, tested, of_labels=of_labels)

        return cls(read(place["board"]), place["float"].maybe(read))


@dataclass(frozen=True, slots=True)
class ComparedModel:
    """A model of a comparison.

    ``name`` is the entrant's ("linear:large"), ``kind`` "raw" or "text", ``family`` "" of a file of one's
    own, ``pipeline`` what pipeline.toml holds. ``head`` is "classes", "binary" or "labels"; ``labels`` names
    what its outputs are of, () of classes. ``narrow`` has a row for each width of weights that was tried.
    ``samples`` windows were compared with ``oracle``, ``mismatches`` of them differed; ``clock_hz`` turns
    cycles into milliseconds.
    """

    name: str
    kind: Literal["raw", "text"]
    family: str
    preset: str
    parameters: int
    pipeline: dict[str, Any]
    head: str
    labels: tuple[str, ...]
    seeds: Seeds
    scores: BoardScores
    narrow: tuple[NarrowWeights, ...]
    costs: Costs
    oracle: str
    compiler: str
    board: str
    clock_hz: int
    samples: int
    mismatches: int

    @property
    def validation_macro_f1(self) -> float | None:
        """Of the seed that was kept: what champions are chosen by."""
        return self.seeds.kept_one.validation_macro_f1

    @classmethod
    def from_json(cls, place: Place, classes: int, tested: int) -> ComparedModel:
        """Read a model of so many classes, judged on ``tested`` recordings; raises ModelError."""
        head, labels = place["head"].text(HEADS), tuple(one.text() for one in place["labels"].each())
        names = len(labels) if head == LABELS else classes
        samples = place["samples"].whole()
        return cls(
            name=place["name"].text(),
            kind="raw" if place["kind"].text(KINDS) == "raw" else "text",
            family=place["family"].text(),
            preset=place["preset"].text(),
            parameters=place["parameters"].whole(),
            pipeline={key: one.value for key, one in place["pipeline"].items()},
            head=head,
            labels=labels,
            seeds=Seeds.from_json(place["seeds"]),
            scores=BoardScores.from_json(place["scores"], names, tested, head == LABELS),
            narrow=tuple(map(NarrowWeights.from_json, place["narrow"].each())),
            costs=Costs.from_json(place["costs"]),
            oracle=place["oracle"].text(),
            compiler=place["compiler"].text(),
            board=place["board"].text(),
            clock_hz=place["clock_hz"].whole(1),
            samples=samples,
            mismatches=place["mismatches"].whole(0, samples),
        )
