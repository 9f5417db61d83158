"""The house: rooms that a reader can take in, files that fit the eye, names that say what is inside."""

import sys
from collections import Counter
from pathlib import Path

import zerotap

ROOT = Path(zerotap.__file__).parent.resolve()
ROOMS = ("capture", "features", "models", "firmware")
MOST_MODULES, MOST_LINES = 15, 400
OF_ONE_KIND = ("firmware/operators", "firmware/transforms", "features/transforms")
"""Folders of one module a registered name: a reader looks for a name there and tells nothing apart."""
NO_NAMES = {"utils", "util", "helpers", "common", "misc", "base", "core", "tools", "shared"}


def modules() -> list[Path]:
    inside = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    return [*sorted(ROOT.glob("*.py")), *inside]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_module_is_named_like_one_of_the_standard_librarys() -> None:
    """Inside its own folder such a name is read as the standard one, and a script run there imports it."""
    names = {path: path.parent.name if path.name == "__init__.py" else path.stem for path in modules()}
    standard = sys.stdlib_module_names
    assert [named(path) for path, name in names.items() if name in standard and name != "__main__"] == []


def test_no_module_is_a_drawer() -> None:
    assert [named(path) for path in modules() if path.stem in NO_NAMES] == []


def test_a_folder_can_be_taken_in() -> None:
    counts = Counter(named(path.parent) for path in modules() if not path.name.startswith("__"))
    too_many = {folder: count for folder, count in counts.items() if count > MOST_MODULES}
    assert {folder: count for folder, count in too_many.items() if folder not in OF_ONE_KIND} == {}


def test_a_file_can_be_read_through() -> None:
    lines = {named(path): path.read_text().count("\n") for path in modules()}
    assert {name: count for name, count in lines.items() if count >= MOST_LINES} == {}


def test_a_file_says_what_it_is_for() -> None:
    assert [named(path) for path in modules() if not path.read_text().startswith(('"""', 'r"""'))] == []
