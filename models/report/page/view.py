"""What the template shows: plain values, in the order of the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .drawing import Drawing

if TYPE_CHECKING:
    from .pictures.explorer import ClassMark


@dataclass(frozen=True, slots=True)
class Fact:
    """A number, or a few words, with what it is; ``note`` says more about it in small."""

    name: str
    value: str
    note: str = ""
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a grid; ``note`` is below the text, in small."""

    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a grid, its first cell a name. ``kind`` is "raw", "text" or "desktop", or "" of neither."""

    cells: tuple[Cell, ...]
    kind: str = ""
    is_best: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table that is read for itself: on a phone a row is a block. ``is_words``: it has few numbers."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""
    is_words: bool = False


@dataclass(frozen=True, slots=True)
class Contender:
    """A model beside the verdict."""

    name: str
    kind: str
    is_winner: bool
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """The page's top: the question, the verdict, who contended, and in which conditions.

    ``short`` is what the table of contents calls it.
    """

    kicker: str
    title: str
    subject: str
    headline: str
    text: str
    contenders: tuple[Contender, ...]
    facts: tuple[Fact, ...]
    short: str = "Verdict"


@dataclass(frozen=True, slots=True)
class Example:
    """A recording on which models differ: its class, and what each said, with how sure it was."""

    recording: str
    truth: str
    said: tuple[Cell, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Examples:
    """Examples of one sort, out of ``there``; ``models`` are those whose words are in ``said``."""

    title: str
    models: tuple[str, ...]
    shown: tuple[Example, ...]
    there: int


@dataclass(frozen=True, slots=True)
class Explorer:
    """The picture of points, and the classes in it."""

    drawing: Drawing
    marks: tuple[ClassMark, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page; ``name`` is its anchor, ``short`` what the table of contents calls it."""

    name: str
    title: str
    short: str
    says: str = ""
    facts: tuple[Fact, ...] = ()
    grids: tuple[Grid, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    examples: tuple[Examples, ...] = ()
    explorer: Explorer | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """The whole page; ``footer`` says what wrote it."""

    head: Head
    sections: tuple[Section, ...]
    footer: str
