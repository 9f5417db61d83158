"""A recording as it came: bytes of reports that are down, samples, and the frequencies in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.models.report.page.drawing import Drawing, Table, Words, draw, draw_figure
from zerotap.models.report.page.palette import series, stand_in

from .lines import legend_below, legend_height

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from zerotap.models.comparing.projection import Picture

CHANNELS_MOST: Final = 6
"""Of a signal; the table has more."""
ROWS_MOST: Final = 64
"""Times in a table: a part of them where there are more."""
COLUMNS_MOST: Final = 16
"""Bytes or channels in a table."""
_BYTES_MOST: Final = 32
WINDOW: Final = 64
HOP: Final = 8
_DECIBELS: Final = 50
_STEADY: Final = 0.5
_FLOOR: Final = 1e-9


def raster(words: Words, picture: Picture) -> Drawing:
    """Draw when each byte of the reports is not zero: from a report to the next."""

    def paint(axes: Axes) -> None:
        for place, row in enumerate(picture.rows[:_BYTES_MOST]):
            spans = list(down(row, picture.times_s))
            axes.broken_barh(spans, (place - 0.4, 0.8), facecolor=series(0))
        axes.set_yticks(range(min(len(picture.rows), _BYTES_MOST)))
        axes.set_ylim(min(len(picture.rows), _BYTES_MOST) - 0.4, -0.6)
        axes.set_xlim(0, max(picture.times_s[-1], _FLOOR))
        axes.set_xlabel("seconds")
        axes.set_ylabel("byte")

    return draw(words, _table(picture, "byte"), paint, height=90 + 15 * min(len(picture.rows), _BYTES_MOST))


def down(row: Sequence[float], times_s: Sequence[float]) -> Iterator[tuple[float, float]]:
    """(start, length) in seconds of the spans in which a byte is not zero; the last ends with the reports."""
    start: float | None = None
    for value, at in zip(row, times_s, strict=True):
        if value and start is None:
            start = at
        elif not value and start is not None:
            yield start, at - start
            start = None
    if start is not None:
        yield start, times_s[-1] - start


def signal(words: Words, picture: Picture) -> Drawing:
    """Draw the samples of each channel."""
    shown = picture.rows[:CHANNELS_MOST]

    def paint(axes: Axes) -> None:
        for index, row in enumerate(shown):
            axes.plot(picture.times_s, row, color=series(index), linewidth=1.1, label=f"channel {index}")
        axes.set_xlabel("seconds")
        axes.margins(x=0)
        legend_below(axes, len(shown))

    return draw(words, _table(picture, "channel"), paint, height=190 + legend_height(len(shown)))


def spectrogram(words: Words, picture: Picture) -> Drawing | None:
    """Draw how strong each frequency is over time, of the channel that moves most.

    None where the samples are too few, or did not come at a steady rate.
    """
    rate = sample_rate(picture.times_s)
    if rate is None or len(picture.times_s) < 2 * WINDOW:
        return None
    channel = int(np.argmax([np.std(row) for row in picture.rows]))
    levels = power(np.array(picture.rows[channel], float))
    seconds = picture.times_s[-1]
    peaks = levels.argmax(axis=0) * rate / WINDOW
    starts = np.arange(levels.shape[1]) * HOP / rate
    table = Table(
        ("seconds", "strongest frequency, Hz"),
        tuple((f"{at:.2f}", f"{peak:.2f}") for at, peak in zip(starts, peaks, strict=True)),
    )

    def fill(figure: Figure) -> None:
        axes = figure.subplots()
        ends = (0, seconds, 0, rate / 2)
        axes.imshow(
            levels,
            cmap="gray",
            vmin=0,
            vmax=1,
            aspect="auto",
            origin="lower",
            extent=ends,
            interpolation="none",
        )
        axes.grid(visible=False)
        axes.set_xlabel("seconds")
        axes.set_ylabel(f"Hz, channel {channel}")
        axes.spines[["left", "bottom"]].set_color(stand_in("rule"))

    return draw_figure(words, table, fill, height=190)


def sample_rate(times_s: Sequence[float]) -> float | None:
    """Samples a second, None where they did not come evenly."""
    steps = np.diff(times_s)
    if not len(steps) or (middle := float(np.median(steps))) <= 0:
        return None
    return 1 / middle if np.abs(steps - middle).max() <= _STEADY * middle else None


def power(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Levels 0 to 1 (frequencies, times): decibels below the strongest, of windows without their mean."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    still = (windows - windows.mean(axis=1, keepdims=True)) * np.hanning(WINDOW)
    strength = np.abs(np.fft.rfft(still, axis=1)).T ** 2
    decibels = 10 * np.log10(np.maximum(strength, _FLOOR) / max(float(strength.max()), _FLOOR))
    levels: NDArray[np.float64] = np.clip(1 + decibels / _DECIBELS, 0, 1)
    return levels


def _table(picture: Picture, what: str) -> Table:
    step = -(-len(picture.times_s) // ROWS_MOST)
    rows = picture.rows[:COLUMNS_MOST]
    columns = zip(picture.times_s[::step], *(row[::step] for row in rows), strict=True)
    return Table(
        ("seconds", *(f"{what} {index}" for index in range(len(rows)))),
        tuple((f"{at:.3f}", *(f"{value:g}" for value in values)) for at, *values in columns),
    )
