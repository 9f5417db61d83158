"""Every module of the package can be imported, by any Python that zerotap is for."""

import importlib
import pkgutil

import pytest

import zerotap

ROOMS = ("capture", "features", "models", "firmware")
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(zerotap.__path__, "zerotap.")
    if module.name != "zerotap.__main__"
    and (module.name.count(".") == 1 or module.name.split(".")[1] in ROOMS)
)


def test_there_are_modules_of_every_room():
    for room in ROOMS:
        assert sum(name.startswith(f"zerotap.{room}.") for name in MODULES) > 10, room


@pytest.mark.parametrize("name", MODULES)
def test_it_can_be_imported(name):
    assert importlib.import_module(name).__doc__
