"""A door's names are the objects that it says, whatever modules have been imported."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import zerotap

ROOT = Path(zerotap.__file__).parent


@pytest.mark.parametrize("room", ["capture", "features", "models", "firmware"])
def test_no_module_has_the_name_of_something_else_at_its_rooms_door(room):
    """Importing such a module would put it in the place of the door's name."""
    door = (ROOT / room / "__init__.pyi").read_text()
    homes = {name: home for home, name in re.findall(r"^from \.([\w.]+) import \w+ as (\w+)$", door, re.M)}
    assert homes
    package = importlib.import_module(f"zerotap.{room}")
    modules = {module.name for module in pkgutil.iter_modules(package.__path__)}
    assert [name for name, home in homes.items() if name in modules and home != name] == []
