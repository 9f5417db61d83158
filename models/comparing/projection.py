"""Windows as points of a plane, and pictures of recordings, as evidence.json holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from .json_place import Place

MOST_POINTS: Final = 1500
MOST_COLUMNS: Final = 512
"""Times of a picture."""
FORMS: Final = ("reports", "samples")


@dataclass(frozen=True, slots=True)
class ProjectedPoint:
    """A window of a recording; ``index`` is that of its class, ``x`` and ``y`` are in standard deviations."""

    recording: str
    index: int
    side: Literal["train", "test"]
    x: float
    y: float

    def to_json(self) -> dict[str, Any]:
        """Give the fields, ``index`` as "class"."""
        return {
            "recording": self.recording,
            "class": self.index,
            "side": self.side,
            "x": self.x,
            "y": self.y,
        }

    @classmethod
    def from_json(cls, place: Place) -> ProjectedPoint:
        """Read it; raises ModelError."""
        return cls(
            place["recording"].text(),
            place["class"].whole(),
            "test" if place["side"].text(("train", "test")) == "test" else "train",
            place["x"].number(),
            place["y"].number(),
        )


@dataclass(frozen=True, slots=True)
class Projection:
    """A principal component analysis of standardised windows, or features, that ``pipeline`` gives.

    ``explained``: the share of the variance along x and along y. At most MOST_POINTS points, drawn by seed.
    """

    pipeline: str
    points: tuple[ProjectedPoint, ...]
    explained: tuple[float, float]

    @classmethod
    def from_json(cls, place: Place) -> Projection:
        """Read it; raises ModelError."""
        points = tuple(map(ProjectedPoint.from_json, place["points"].each()))
        place["points"].require(len(points) <= MOST_POINTS, f"has {len(points)}, above {MOST_POINTS}")
        explained = [one.share() for one in place["explained"].each()]
        place["explained"].require(len(explained) == 2, "is no [x, y]")
        return cls(place["pipeline"].text(), points, (explained[0], explained[1]))


@dataclass(frozen=True, slots=True)
class Picture:
    """A recording as it came; ``index`` is that of its class.

    Of ``form`` "reports" ``rows`` has a row for each byte of a report, of "samples" one for each channel; a
    row has a value for each of ``times_s``, seconds from the first. Of a keyboard's recording a value is 1
    where the byte is not zero, else 0, unless typed text was asked for.
    """

    recording: str
    index: int
    form: Literal["reports", "samples"]
    times_s: tuple[float, ...]
    rows: tuple[tuple[float, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """Give the fields, ``index`` as "class"."""
        return {
            "recording": self.recording,
            "class": self.index,
            "form": self.form,
            "times_s": list(self.times_s),
            "rows": [list(row) for row in self.rows],
        }

    @classmethod
    def from_json(cls, place: Place) -> Picture:
        """Read it; raises ModelError."""
        times = tuple(one.number(0) for one in place["times_s"].each())
        place["times_s"].require(len(times) <= MOST_COLUMNS, f"has {len(times)}, above {MOST_COLUMNS}")
        rows = tuple(tuple(cell.number() for cell in row.each()) for row in place["rows"].each())
        even = all(len(row) == len(times) for row in rows)
        place["rows"].require(even, f"has a row that is not of {len(times)} values, as times_s is")
        return cls(
            place["recording"].text(),
            place["class"].whole(),
            "reports" if place["form"].text(FORMS) == "reports" else "samples",
            times,
            rows,
        )
