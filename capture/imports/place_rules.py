"""On which side of a split a file is, and of which group, by its folder, its name or a column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zerotap.capture.datasets.splits.side_names import SIDE_NAMES, is_side_name
from zerotap.contents import is_stream
from zerotap.errors import CaptureError

from .label_rules import label_by_name

COLUMN: Final = "column:"
SIDE_RULES: Final = ("folder", "column:NAME")
GROUP_RULES: Final = ("name", "file", "folder", "column:NAME")


@dataclass(frozen=True, slots=True)
class PlaceRule:
    """Where the side, or the group, of a file stands: a ``rule``, or in a ``column``; nowhere without both.

    ``option`` is what a person says it by. ``skips_folder``: the nearest folder is the class's.
    """

    option: str
    rule: str = ""
    column: str | None = None
    skips_folder: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether it is known from the file at all."""
        return bool(self.rule or self.column)

    def said_of(self, path: Path, cell: str | None) -> str:
        """Return what a file says, ``cell`` what its column does (None: it has no columns); "" of nothing.

        Raises CaptureError where it was asked for and nothing says it.
        """
        if not self.is_asked:
            return ""
        if self.column is not None:
            if cell is None:
                raise CaptureError(f"{path}: has no columns: give {self.option} another rule")
            self._check(path, cell)
            return cell
        found = "" if is_stream(path) else self._of_path(path)
        if not found:
            what = f"no folder above it is named {', '.join(SIDE_NAMES)}"
            if self.option == "--group-from":
                what = f"its {self.rule} names no group"
            raise CaptureError(f"{path}: {what}: give {self.option} another rule")
        return found

    def _check(self, path: Path, cell: str) -> None:
        if self.option == "--split-from" and cell.strip() and not is_side_name(cell):
            raise CaptureError(f"{path}: {cell!r} names no side: write one of {', '.join(SIDE_NAMES)}")

    def _of_path(self, path: Path) -> str:
        if self.option == "--split-from":
            return next((name for name in _folders(path) if is_side_name(name)), "")
        if self.rule == "folder":
            names = list(_folders(path))[self.skips_folder :]
            return next((name for name in names if name and not is_side_name(name)), "")
        return label_by_name(path) if self.rule == "name" else path.name


def _folders(path: Path) -> Iterator[str]:
    """The names of the folders that a file is in, the nearest first."""
    return (folder.name for folder in path.resolve().parents)


def side_rule(split_from: str | None) -> PlaceRule:
    """Return the rule of ``--split-from``; raises CaptureError for one that is none."""
    return _rule("--split-from", split_from, SIDE_RULES)


def group_rule(group_from: str | None, label_from: str | None) -> PlaceRule:
    """Return the rule of ``--group-from``; where ``label_from`` is "folder" the group's is further up."""
    return _rule("--group-from", group_from, GROUP_RULES, skips_folder=label_from == "folder")


def _rule(option: str, given: str | None, rules: tuple[str, ...], *, skips_folder: bool = False) -> PlaceRule:
    if given is None:
        return PlaceRule(option)
    if not is_place_rule(given, rules):
        raise CaptureError(f"{option} {given}: choose one of {', '.join(rules)}")
    if given.startswith(COLUMN):
        return PlaceRule(option, column=given.removeprefix(COLUMN).strip())
    return PlaceRule(option, given, skips_folder=skips_folder)


def is_place_rule(given: str, rules: tuple[str, ...]) -> bool:
    """Whether it is one of the rules; a column needs a name."""
    if given.startswith(COLUMN):
        return bool(given.removeprefix(COLUMN).strip())
    return given in rules[:-1]
