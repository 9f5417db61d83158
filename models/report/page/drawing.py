"""A drawing: matplotlib's SVG that takes the page's colours, with its words and its numbers beside it."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from zerotap.errors import MissingExtraError

from .palette import stand_in
from .svg import themed

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH: Final = 380
"""Of a picture, in its own pixels: what a phone shows without shrinking it much."""
_POINTS: Final = 72
FONT: Final = 11


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers as words: what a picture shows, for who cannot see it or wants the digits."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What is said with a picture. ``name`` is its own on the page, of letters, digits and hyphens.

    ``title`` is the heading, ``caption`` a sentence on how to read it, ``alt`` what is seen in it.
    """

    name: str
    title: str
    caption: str
    alt: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of the page."""

    words: Words
    svg: Markup
    table: Table


def check_packages() -> None:
    """Raise MissingExtraError where what draws the page is not installed."""
    try:
        import jinja2  # noqa: F401
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            f"report.html needs {error.name}, which is not installed: pip install 'zerotap[report]'"
        ) from error


def draw(
    words: Words,
    table: Table,
    paint: Callable[[Axes], None],
    *,
    height: float = 240,
    width: float = WIDTH,
    points: Sequence[dict[str, str]] = (),
) -> Drawing:
    """Let ``paint`` fill the axes of a new picture of so many pixels.

    ``points``: what each mark of the collection of gid "points" is, as its data attributes.
    """

    def fill(figure: Figure) -> None:
        paint(figure.subplots())

    return draw_figure(words, table, fill, height=height, width=width, points=points)


def draw_figure(
    words: Words,
    table: Table,
    fill: Callable[[Figure], None],
    *,
    height: float = 240,
    width: float = WIDTH,
    points: Sequence[dict[str, str]] = (),
) -> Drawing:
    """The same for a picture of several axes."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()
        for name, value in _settings():
            matplotlib.rcParams[name] = value
        warnings.filterwarnings("ignore", "(Glyph .* missing|constrained_layout not applied)")
        figure = Figure(figsize=(width / _POINTS, height / _POINTS), dpi=_POINTS, layout="constrained")
        fill(figure)
        content = io.StringIO()
        canvas: Any = FigureCanvasSVG(figure)  # its methods have no types
        canvas.print_svg(content, metadata={"Date": None})  # savefig() would draw it twice
    svg = themed(content.getvalue(), words.name, (words.title, words.alt), points)
    return Drawing(words, svg, table)


def _settings() -> Any:  # noqa: ANN401 - matplotlib's stubs name every key
    """Names and values for rcParams."""
    ink, soft, rule = (stand_in(role) for role in ("ink", "soft", "rule"))
    return {
        "svg.fonttype": "none",
        "svg.hashsalt": "zerotap",
        "text.parse_math": False,
        "font.size": FONT,
        "axes.titlesize": FONT,
        "axes.labelsize": FONT,
        "xtick.labelsize": FONT - 1,
        "ytick.labelsize": FONT - 1,
        "legend.fontsize": FONT - 1,
        "text.color": ink,
        "axes.labelcolor": soft,
        "axes.titlecolor": ink,
        "axes.edgecolor": rule,
        "axes.facecolor": "none",
        "figure.facecolor": "none",
        "axes.linewidth": 1,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": rule,
        "grid.linewidth": 0.7,
        "xtick.color": rule,
        "ytick.color": rule,
        "xtick.labelcolor": soft,
        "ytick.labelcolor": soft,
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "xtick.minor.size": 0,
        "ytick.minor.size": 0,
        "legend.frameon": False,
        "legend.labelcolor": ink,
        "patch.edgecolor": ink,
        "patch.linewidth": 0,
        "lines.linewidth": 1.8,
        "hatch.color": ink,
    }.items()
