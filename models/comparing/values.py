"""What report.json holds, as values; see ``zerotap compare`` and docs/report-format.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from zerotap.models.evaluation.scores import Scores

from .compared_model import ComparedModel
from .json_place import VERSION, Place, plain
from .pair_values import Pair, Verdict
from .reading_scores import read_scores

ORIGINS: Final = ("synthetic", "recorded")
DATA_KINDS: Final = ("keyboard", "sensor", "other")


@dataclass(frozen=True, slots=True)
class SideCounts:
    """How many recordings train and test, in all and of each class."""

    train: int
    test: int
    by_class: Mapping[str, tuple[int, int]]

    @classmethod
    def from_json(cls, place: Place) -> SideCounts:
        """Read it; raises ModelError."""
        by_class = {name: _two_counts(one) for name, one in place["by_class"].items()}
        train, test = place["train"].whole(), place["test"].whole(1)
        sums = [sum(counts[side] for counts in by_class.values()) for side in (0, 1)]
        place.require(sums == [train, test], f"has {train} and {test} recordings, its classes {sums}")
        return cls(train, test, by_class)


@dataclass(frozen=True, slots=True)
class ComparedData:
    """The dataset: its folder's name, how it was split, and a SHA-256 of each side's recordings.

    ``origin`` is "synthetic" or "recorded", ``kind`` "keyboard", "sensor" or "other"; ``split`` one line.
    """

    dataset: str
    origin: Literal["synthetic", "recorded"]
    kind: Literal["keyboard", "sensor", "other"]
    classes: tuple[str, ...]
    recordings: SideCounts
    split: str
    hashes: Mapping[str, str]

    @classmethod
    def from_json(cls, place: Place) -> ComparedData:
        """Read it; raises ModelError."""
        classes = tuple(one.text() for one in place["classes"].each())
        place["classes"].require(0 < len(classes) == len(set(classes)), "are no names that differ")
        counts = SideCounts.from_json(place["recordings"])
        same = set(counts.by_class) == set(classes)
        place["recordings"].require(same, "counts other classes than data.classes names")
        kind: Literal["keyboard", "sensor", "other"] = "other"
        if (said := place["kind"].text(DATA_KINDS)) != "other":
            kind = "keyboard" if said == "keyboard" else "sensor"
        return cls(
            dataset=place["dataset"].text(),
            origin="synthetic" if place["origin"].text(ORIGINS) == "synthetic" else "recorded",
            kind=kind,
            classes=classes,
            recordings=counts,
            split=place["split"].text(),
            hashes={side: place["hashes"][side].text() for side in ("train", "test")},
        )


@dataclass(frozen=True, slots=True)
class Reference:
    """What an ordinary model of the desktop scores on the same test recordings; none is for the board."""

    name: str
    scores: Scores
    for_the_board: Literal[False] = False

    @classmethod
    def from_json(cls, place: Place, classes: int, tested: int) -> Reference:
        """Read the scores over ``tested`` recordings of so many classes; raises ModelError."""
        place["for_the_board"].require(
            place["for_the_board"].flag() is False, "is true, which no reference is"
        )
        return cls(place["name"].text(), read_scores(place["scores"], classes, tested))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A model that could not be compared, and why, in a sentence: it does not fit the board."""

    name: str
    reason: str

    @classmethod
    def from_json(cls, place: Place) -> LeftOut:
        """Read it; raises ModelError."""
        return cls(place["name"].text(), place["reason"].text())


@dataclass(frozen=True, slots=True, repr=False)
class Comparison:
    """Models compared on one dataset: report.json.

    ``zerotap`` is the version that wrote it and ``command`` what was typed. ``left_out`` are those that were
    asked for and do not fit the board.
    """

    zerotap: str
    command: str
    data: ComparedData
    models: tuple[ComparedModel, ...]
    references: tuple[Reference, ...]
    pairs: tuple[Pair, ...]
    verdict: Verdict
    left_out: tuple[LeftOut, ...] = ()

    @property
    def best(self) -> ComparedModel:
        """The model with the highest macro-F1 on the board; the verdict says whether that may be luck."""
        return max(self.models, key=lambda model: model.scores.board.macro_f1)

    def model(self, name: str) -> ComparedModel:
        """The model of that name; raises KeyError."""
        return {one.name: one for one in self.models}[name]

    def __repr__(self) -> str:
        """Return one line: each model's accuracy on the board."""
        models = ", ".join(f"{one.name} {one.scores.board.accuracy:.3f}" for one in self.models)
        data = f"{self.data.recordings.test} test recordings, {self.data.origin}"
        return f"Comparison({models}; {data})"

    def to_json(self) -> dict[str, Any]:
        """Give report.json's content."""
        return {
            "type": "comparison",
            "version": VERSION,
            "zerotap": self.zerotap,
            "command": self.command,
            "data": plain(self.data),
            "models": plain(self.models),
            "references": plain(self.references),
            "pairs": plain(self.pairs),
            "verdict": plain(self.verdict),
            "left_out": plain(self.left_out),
        }

    @classmethod
    def from_json(cls, document: object, file: str = "report.json") -> Comparison:
        """Read what ``to_json`` gave; raises ModelError, which names ``file``, the place and the way out."""
        place = Place(document, file)
        place["type"].text(("comparison",))
        place["version"].check_version()
        data = ComparedData.from_json(place["data"])
        classes, tested = len(data.classes), data.recordings.test
        models = tuple(ComparedModel.from_json(one, classes, tested) for one in place["models"].each())
        references = tuple(Reference.from_json(one, classes, tested) for one in place["references"].each())
        names = [one.name for one in models + references]
        place["models"].require(bool(models), "has none")
        place["models"].require(len(set(names)) == len(names), "and references have a name twice")
        return cls(
            zerotap=place["zerotap"].text(),
            command=place["command"].text(),
            data=data,
            models=models,
            references=references,
            pairs=tuple(Pair.from_json(one, names, tested) for one in place["pairs"].each()),
            verdict=Verdict.from_json(place["verdict"], [one.name for one in models]),
            left_out=tuple(map(LeftOut.from_json, place["left_out"].each())),
        )


def _two_counts(place: Place) -> tuple[int, int]:
    counts = [one.whole() for one in place.each()]
    place.require(len(counts) == 2, "is no [train, test]")
    return counts[0], counts[1]
