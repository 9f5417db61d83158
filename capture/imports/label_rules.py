"""What class a file of numbers is of, by its name, its folder or a column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zerotap.capture.file_names import beginning_of
from zerotap.capture.labels import checked_label
from zerotap.contents import is_stream
from zerotap.errors import CaptureError

_COLUMN: Final = "column:"


@dataclass(frozen=True, slots=True)
class LabelRule:
    """A label for each file: ``label`` for all, or by ``rule`` ("name", "folder"), or of a ``column``."""

    label: str | None = None
    rule: str = ""
    column: str | None = None

    def label_of(self, path: Path) -> str | None:
        """Return the label of a file, None where a column has them.

        Raises CaptureError where a file's name or folder names no class.
        """
        if self.label is not None or self.column is not None:
            return self.label
        found = "" if is_stream(path) else RULES[self.rule](path)
        if not found:
            raise CaptureError(f"{path}: its {self.rule} names no class: give --label")
        return found


def label_rule(label: str | None, label_from: str | None) -> LabelRule:
    """Return the rule of ``--label`` or ``--label-from``; raises CaptureError unless it is one of them."""
    if (label is None) == (label_from is None):
        raise CaptureError("of --label and --label-from give one: what class are the files of?")
    if label is not None:
        return LabelRule(label=checked_label(label))
    if label_from in RULES:
        return LabelRule(rule=str(label_from))
    column = str(label_from).removeprefix(_COLUMN)
    if column == label_from or not column.strip():
        raise CaptureError(f"--label-from {label_from}: choose {', '.join(RULES)} or column:NAME")
    return LabelRule(column=column.strip())


def label_by_name(path: Path) -> str:
    """Return the class that a file's name begins with: idle of idle_3.csv, idle.2k3h.json, idle (2).csv."""
    return beginning_of(path.stem)


def label_by_folder(path: Path) -> str:
    """Return the name of the folder that a file is in."""
    return path.resolve().parent.name


RULES: Final[Mapping[str, Callable[[Path], str]]] = {"name": label_by_name, "folder": label_by_folder}
"""Every rule by its name."""
