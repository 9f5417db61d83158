"""The data in pictures: who is near whom, and recordings as they came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from zerotap.models.report.page.drawing import Drawing, Words
from zerotap.models.report.page.pictures.explorer import class_marks, explorer
from zerotap.models.report.page.pictures.recordings import raster, signal, spectrogram
from zerotap.models.report.page.view import Explorer, Section
from zerotap.models.report.page.wording import count

if TYPE_CHECKING:
    from zerotap.models.comparing.projection import Picture, Projection

PICTURES_MOST: Final = 12
"""Recordings that are drawn, the first classes'."""


def explorer_section(projection: Projection | None, classes: Sequence[str]) -> Section | None:
    """The windows of a model as points; None where there are none."""
    if projection is None or not projection.points:
        return None
    marks = tuple(class_marks(projection, classes))
    along, across = projection.explained
    words = Words(
        "explorer",
        f"Windows of {projection.pipeline}, two principal components",
        "Filled marks test, hollow marks train.",
        f"Scatter of {count(len(projection.points))} windows in {len(marks)} classes; the components hold "
        f"{along:.0%} and {across:.0%} of the variance.",
    )
    return Section(
        "explorer",
        "The data, explored",
        "Explorer",
        "A mark is a window; near ones look alike to a straight line through the data. Point at one, tap it, "
        "or walk with the arrow keys, to read which recording it is of.",
        explorer=Explorer(explorer(words, projection, classes), marks),
    )


def recordings_section(pictures: Sequence[Picture], classes: Sequence[str]) -> Section | None:
    """A recording of each class as it came."""
    drawings = tuple(
        drawing
        for at, picture in enumerate(pictures[:PICTURES_MOST])
        if picture.times_s
        for drawing in _recording(at, picture, classes)
    )
    if not drawings:
        return None
    says = "One recording of each class, as it came over USB."
    if any(picture.form == "reports" for picture in pictures):
        says += (
            " Of a keyboard's reports a bar is a byte that is not zero: byte 0 is modifiers, 2 to 7 are keys."
        )
    return Section("recordings", "Recordings", "Recordings", says, drawings=drawings)


def _recording(at: int, picture: Picture, classes: Sequence[str]) -> Iterator[Drawing]:
    title = f"{classes[picture.index]}: {picture.recording}"
    seconds = f"{picture.times_s[-1]:.1f} s"
    rows, times = len(picture.rows), count(len(picture.times_s))
    if picture.form == "reports":
        alt = f"When each of {rows} bytes of {times} reports is not zero, over {seconds}."
        yield raster(Words(f"recording-{at}", title, "", alt), picture)
        return
    alt = f"{times} samples of {rows} channels over {seconds}."
    yield signal(Words(f"recording-{at}", title, "", alt), picture)
    words = Words(
        f"spectrogram-{at}",
        f"{title}, frequencies",
        "The fuller the colour, the stronger the frequency.",
        f"Spectrogram of {seconds}.",
    )
    if drawn := spectrogram(words, picture):
        yield drawn
