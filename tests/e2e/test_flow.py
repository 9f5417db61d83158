"""What import-linter cannot see: names that come through a lazy door are followed to where they live."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import zerotap

ROOT = Path(zerotap.__file__).parent.resolve()
ROOMS = ("capture", "features", "models", "firmware", "workflow")
JOINERS = ("cli.py", "demo.py", "__main__.py", "__init__.py")
STUB_LINE = re.compile(r"^from (\.[\w.]*) import (\w+) as \2$")


def stubs() -> list[Path]:
    inner = [path for room in ROOMS for path in sorted((ROOT / room).rglob("__init__.pyi"))]
    return [path for path in (ROOT / "__init__.pyi", *inner) if path.exists()]


def homes(stub: Path) -> dict[str, str]:
    """The names of a door, and the module that each is from, relative to the door."""
    lines = [match for line in stub.read_text().splitlines() if (match := STUB_LINE.match(line))]
    return {match[2]: match[1] for match in lines}


DOORS = {".".join(["zerotap", *stub.parent.relative_to(ROOT).parts]): homes(stub) for stub in stubs()}


def modules() -> list[Path]:
    files = [ROOT / name for name in JOINERS if (ROOT / name).exists()]
    return files + [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def from_doors(path: Path) -> Iterator[tuple[str, str]]:
    """Every (door, name) that a module imports, wherever in the module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module in DOORS:
            yield from ((node.module, alias.name) for alias in node.names)


def test_there_is_a_door_to_every_room() -> None:
    assert {"zerotap", *(f"zerotap.{room}" for room in ROOMS)} <= set(DOORS)


@pytest.mark.parametrize("stub", stubs(), ids=lambda stub: str(stub.parent.relative_to(ROOT)))
def test_a_door_gives_only_what_its_own_folder_holds(stub: Path) -> None:
    """A line of another shape would be an arrow that nothing here follows."""
    lines = [line for line in stub.read_text().splitlines() if "import" in line and not line.startswith("#")]
    odd = [line for line in lines if not STUB_LINE.match(line)]
    assert [line for line in odd if not re.match(r"^from (\.|zerotap) import \w+ as \w+$", line)] == []
    for name, home in homes(stub).items():
        file = stub.parent.joinpath(*home.strip(".").split(".")) if home != "." else stub.parent / name
        assert file.with_suffix(".py").exists() or file.is_dir(), f"{name} is not in {home}"


def _is_there(door: str, name: str) -> bool:
    folder = ROOT.joinpath(*door.split(".")[1:])
    return name in DOORS[door] or (folder / name).is_dir() or (folder / f"{name}.py").exists()


def test_names_asked_of_a_door_are_there() -> None:
    asked = {(door, name) for path in modules() for door, name in from_doors(path)}
    assert [pair for pair in sorted(asked) if not _is_there(*pair) and pair[1] != "__version__"] == []


def test_no_module_asks_the_door_of_its_own_room() -> None:
    """That would hide whom it imports; a room's commands stand outside of its door."""
    faults = []
    for path in modules():
        folder = ".".join(["zerotap", *path.relative_to(ROOT).parts])
        inside = [door for door in DOORS if folder.startswith(f"{door}.") and door != "zerotap"]
        if "commands" not in folder:
            faults += [
                (folder, *pair)
                for pair in from_doors(path)
                if pair[0] in inside and pair[1] in DOORS[pair[0]]
            ]
    assert faults == []


def test_only_what_joins_rooms_asks_the_front_door() -> None:
    """The root's door leads to every room: a library module that used it could run back up the flow."""
    allowed = {"__version__", "errors", "writing", "reporting"}
    faults = [
        (str(path.relative_to(ROOT)), name)
        for path in modules()
        for door, name in from_doors(path)
        if door == "zerotap" and name not in allowed
    ]
    assert [
        fault
        for fault in faults
        if not fault[0].startswith((*JOINERS, "workflow/")) and "commands" not in fault[0]
    ] == []
