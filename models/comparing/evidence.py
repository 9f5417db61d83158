"""What evidence.json holds: what pictures draw and no table of report.json has."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar

from .curves import ClassCurve, CurvePoint, FlashPoint, LearningPoint
from .json_place import VERSION, Place, plain
from .projection import Picture, Projection
from .ways import Ways

SIDES: Final = ("train", "test")
_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class JudgedRecording:
    """A recording by its name in the dataset, never by what was typed; ``index`` is that of its class."""

    name: str
    index: int
    side: Literal["train", "test"]

    def to_json(self) -> dict[str, Any]:
        """Give the fields, ``index`` as "class"."""
        return {"name": self.name, "class": self.index, "side": self.side}

    @classmethod
    def from_json(cls, place: Place) -> JudgedRecording:
        """Read it; raises ModelError."""
        side: Literal["train", "test"] = "test" if place["side"].text(SIDES) == "test" else "train"
        return cls(place["name"].text(), place["class"].whole(), side)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Verdicts one by one, curves, projections, pictures; the mappings are by name of a model or reference.

    ``verdicts`` has a number for each recording of ``tested``, in that order: the index of the class that is
    said, or of a model of several labels the sum of 2**i over the labels i that are said. ``confidence`` is
    the probability of that verdict, where the model gives any. ``precision_recall`` is by class, or label.
    ``by_flash`` has of each model its plans from the smallest to the fastest, by flash; ``ways``: what a
    packet costs with windows computed while they arrive, or whole. ``texts`` is what was typed, by recording,
    {} unless it was asked for.
    """

    recordings: tuple[JudgedRecording, ...]
    verdicts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    confidence: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    curves: Mapping[str, tuple[CurvePoint, ...]] = field(default_factory=dict)
    learning: Mapping[str, tuple[LearningPoint, ...]] = field(default_factory=dict)
    precision_recall: Mapping[str, Mapping[str, ClassCurve]] = field(default_factory=dict)
    projection: Projection | None = None
    pictures: tuple[Picture, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    by_flash: Mapping[str, tuple[FlashPoint, ...]] = field(default_factory=dict)
    ways: Mapping[str, Ways] = field(default_factory=dict)

    @property
    def tested(self) -> tuple[JudgedRecording, ...]:
        """The recordings of the test side, in the order of ``verdicts``."""
        return tuple(one for one in self.recordings if one.side == "test")

    def to_json(self) -> dict[str, Any]:
        """Give evidence.json's content; without "by_flash", "ways" and "texts" where there are none."""
        parts = {
            "version": VERSION,
            "recordings": self.recordings,
            "verdicts": self.verdicts,
            "confidence": self.confidence,
            "curves": self.curves,
            "learning": self.learning,
            "precision_recall": self.precision_recall,
            "projection": self.projection,
            "pictures": self.pictures,
            **({"by_flash": self.by_flash} if self.by_flash else {}),
            **({"ways": self.ways} if self.ways else {}),
            **({"texts": self.texts} if self.texts else {}),
        }
        return {name: plain(part) for name, part in parts.items()}

    @classmethod
    def from_json(cls, document: object, file: str = "evidence.json") -> Evidence:
        """Read what ``to_json`` gave; raises ModelError, which names ``file``, the place and the way out."""
        place = Place(document, file)
        place["version"].check_version()
        recordings = tuple(map(JudgedRecording.from_json, place["recordings"].each()))
        tested = sum(one.side == "test" for one in recordings)
        return cls(
            recordings=recordings,
            verdicts=_by_name(place["verdicts"], lambda one: _a_value_each(one, tested, Place.whole)),
            confidence=_by_name(place["confidence"], lambda one: _a_value_each(one, tested, Place.share)),
            curves=_by_name(place["curves"], lambda one: tuple(map(CurvePoint.from_json, one.each()))),
            learning=_by_name(place["learning"], lambda one: tuple(map(LearningPoint.from_json, one.each()))),
            precision_recall=_by_name(
                place["precision_recall"], lambda one: _by_name(one, ClassCurve.from_json)
            ),
            projection=place["projection"].maybe(Projection.from_json),
            pictures=tuple(map(Picture.from_json, place["pictures"].each())),
            texts=_by_name(place["texts"], Place.text) if "texts" in place.value else {},
            by_flash=_by_name(place["by_flash"], flash_points) if "by_flash" in place.value else {},
            ways=_by_name(place["ways"], Ways.from_json) if "ways" in place.value else {},
        )


def flash_points(place: Place) -> tuple[FlashPoint, ...]:
    """Read a model's plans, by flash; raises ModelError where more flash takes longer."""
    points = tuple(map(FlashPoint.from_json, place.each()))
    pairs = list(itertools.pairwise(points))
    falls = all(one.flash_bytes < two.flash_bytes and one.cycles > two.cycles for one, two in pairs)
    place.require(falls, "has points that do not go on to more flash and fewer cycles")
    return points


def _by_name(place: Place, read: Callable[[Place], _Read]) -> dict[str, _Read]:
    return {name: read(one) for name, one in place.items()}


def _a_value_each(place: Place, tested: int, read: Callable[[Place], _Read]) -> tuple[_Read, ...]:
    values = tuple(map(read, place.each()))
    place.require(len(values) == tested, f"has {len(values)} values, and {tested} recordings were tested")
    return values
