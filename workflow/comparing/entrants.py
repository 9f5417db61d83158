"""Entrants: what is compared, by the names that were given: families, files and folders of models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerotap.errors import ModelError
from zerotap.models import (
    ALIASES,
    COMPARED,
    Family,
    chosen_spec,
    holds_samples,
    is_family,
    read_facts,
    suited,
    takes_samples,
)

if TYPE_CHECKING:
    from zerotap.capture import Split

PRESET: Final = ":"
"""Between a family and its preset."""
_SUFFIX: Final = ".py"
_TAKEN: Final = (
    *("report.json", "report.md", "report.html", "evidence.json", "references.json"),
    *("dataset", "messages.csv", "majority", "text SVM", "random forest", "SVM"),
)
"""Names of other things in the folder, and of the desktop's models in the report."""


@dataclass(frozen=True, slots=True, eq=False)
class Entrant:
    """A model that is compared: ``spec`` is trained, or what ``folder`` holds is taken as it is."""

    name: str
    spec: Family | None = None
    folder: Path | None = None

    @property
    def folder_name(self) -> str:
        """Of its folder in the comparison's."""
        return self.name.replace(PRESET, "-")


def entrants_of(names: Sequence[str]) -> list[Entrant]:
    """Who is meant; raises ModelError for an unknown model, a damaged folder, or two of one name.

    Each of ``names`` is a family ("conv"), one of its presets ("linear:large"), a FILE.py or a model's
    folder.
    """
    entrants = list(map(_entrant, names or COMPARED))
    by_folder: dict[str, str] = {}
    for entrant, given in zip(entrants, names or COMPARED, strict=True):
        if entrant.folder_name in by_folder:
            raise ModelError(
                f"{by_folder[entrant.folder_name]} and {given} are both called {entrant.folder_name} in a "
                "comparison: leave one out, or rename its file or folder"
            )
        by_folder[entrant.folder_name] = given
        if entrant.folder_name in _TAKEN or entrant.folder_name.startswith("."):
            raise ModelError(f"{given} has a name that other things in a comparison have: rename it")
    return entrants


def _entrant(name: str) -> Entrant:
    """A family's name is never a folder's: ./conv is that folder, and told of where there is no model."""
    path, (family, colon, preset) = Path(name), name.partition(PRESET)
    if name.endswith(_SUFFIX):
        return Entrant(path.stem, chosen_spec(name))
    is_place = "/" in name or path.is_dir()
    if is_place and not is_family(family) and family not in ALIASES:
        read_facts(path)
        return Entrant(_name_of(path), folder=path)
    return Entrant(name, chosen_spec(family, preset=preset if colon else None))


def _name_of(folder: Path) -> str:
    return folder.resolve().name if folder.name in ("", "..") else folder.name


def suited_to(entrants: Sequence[Entrant], split: Split, *, named: bool) -> list[Entrant]:
    """The entrants with what suits the recordings of ``split``; where none was ``named``, those that do.

    Raises ModelError for a model of words on a sensor's samples.
    """
    kept = list(entrants)
    if not named and holds_samples(split):
        kept = [entrant for entrant in kept if entrant.spec is None or takes_samples(entrant.spec)]
    return [_suited(entrant, split) for entrant in kept]


def _suited(entrant: Entrant, split: Split) -> Entrant:
    return entrant if entrant.spec is None else replace(entrant, spec=suited(entrant.spec, split))
