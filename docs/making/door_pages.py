"""One page a door, from the docstrings of what it exports: the door's stub says which names those are."""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise
from pathlib import Path

from docstrings import as_restructured_text

DOORS = {
    "zerotap": "The few names that a notebook starts with.",
    "zerotap.capture": "USB packets to labelled recordings and datasets.",
    "zerotap.features": "Recordings to windows, or to the words that they spell.",
    "zerotap.models": "Training, evaluation and comparison.",
    "zerotap.firmware": "A model file to C that is proven on a simulated board.",
}


def write_door_pages(root: Path, folder: Path) -> None:
    """Write a page a door into ``folder``, and index.md; ``root`` holds the package."""
    folder.mkdir()
    for door, what in DOORS.items():
        stub = root.joinpath(*door.split(".")[1:], "__init__.pyi")
        (folder / f"{door}.md").write_text(door_page(door, what, exported(stub)), encoding="utf-8")
    rows = [f"| [`{door}`]({door}.md) | {what} |" for door, what in DOORS.items()]
    toctree = ["```{toctree}", ":hidden:", *DOORS, "```"]
    (folder / "index.md").write_text("\n".join([*_INTRO, *rows, "", *toctree, ""]), encoding="utf-8")


_INTRO = [
    "# Python",
    "",
    "What each door exports, from the docstrings. Whatever is not here is not promised to stay.",
    "",
    "| door | what is behind it |",
    "| --- | --- |",
]


def exported(stub: Path) -> dict[str, Path]:
    """Return the names that a door's stub imports from below it, with their modules; verbs first."""
    nodes = ast.parse(stub.read_text(encoding="utf-8")).body
    found = {
        alias.asname or alias.name: stub.parent.joinpath(*node.module.split(".")).with_suffix(".py")
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.level and node.module
        for alias in node.names
    }
    return dict(sorted(found.items(), key=lambda item: (item[0][0].isupper(), item[0].lower())))


def door_page(door: str, what: str, names: dict[str, Path]) -> str:
    """Return the door's page: a link a name that is another door's, then a directive a name of its own."""
    others = {
        name: f"zerotap.{module.stem}" for name, module in names.items() if f"{door}.{module.stem}" in DOORS
    }
    links = [f"- :py:obj:`~{other}.{name}`" for name, other in others.items()]
    own = _of_its_own(door, {name: module for name, module in names.items() if name not in others})
    shown = ["From the rooms:", "", *links, "", "Its own:", "", *own] if links else own
    return "\n".join([f"# {door}", "", what, "", "```{eval-rst}", *shown, "```", ""])


def _of_its_own(door: str, names: dict[str, Path]) -> list[str]:
    """A directive a name. A type in a function's signature is the door's own, where two doors have one."""
    verbs = [_directive(door, name, module) for name, module in names.items() if not name[0].isupper()]
    others = [_directive(door, name, module) for name, module in names.items() if name[0].isupper()]
    return [f".. py:currentmodule:: {door}", "", *verbs, "", ".. py:currentmodule:: None", "", *others]


def _directive(door: str, name: str, module: Path) -> str:
    """The naming rules that the linter holds tell functions, classes and constants apart."""
    if not name.isupper():
        return f".. {'autoclass' if name[0].isupper() else 'autofunction'}:: {door}.{name}"
    docstring = as_restructured_text(_constant_docstring(module, name).splitlines())
    return "\n   ".join([f".. py:data:: {door}.{name}", "", *docstring]) + "\n"


def _constant_docstring(module: Path, name: str) -> str:
    """Return the string below a constant's assignment; "" where there is none.

    A room's names are in any of its modules.
    """
    folder = module.with_suffix("")
    found = (_docstring_below(each, name) for each in (sorted(folder.glob("*.py")) or [module]))
    return next(filter(None, found), "")


def _docstring_below(module: Path, name: str) -> str:
    body = ast.parse(module.read_text(encoding="utf-8")).body
    for node, below in pairwise(body):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        named = any(isinstance(target, ast.Name) and target.id == name for target in targets)
        if named and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            return inspect.cleandoc(str(below.value.value))
    return ""
