"""TensorFlow starts without what Keras takes along where it is installed; afterwards all of it is there."""

import subprocess
import sys
from importlib import import_module, util

import pytest

from zerotap.isolation import lean_keras
from zerotap.isolation.lean_keras import OPTIONAL, load_keras_lean

PROGRAM = """
import sys
from zerotap.isolation import load_keras_lean
load_keras_lean()
load_keras_lean()
import {first}
print(*sorted({{"sklearn", "scipy.stats", "matplotlib", "IPython"}} & set(sys.modules)))
import sklearn, keras, tensorflow
print(*(callable(each) for each in (sklearn.clone, keras.Model, tensorflow.lite.Interpreter)))
"""


@pytest.mark.parametrize("first", ["tensorflow", "keras"])
def test_keras_leaves_them_out_and_others_find_them(first) -> None:
    code = [sys.executable, "-c", PROGRAM.format(first=first)]
    done = subprocess.run(code, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["", "True True True"]


@pytest.fixture
def lean(monkeypatch):
    """As in a process of zerotap's own, for one test."""
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    load_keras_lean()


@pytest.mark.usefixtures("lean")
@pytest.mark.parametrize("name", OPTIONAL)
def test_only_while_keras_is_being_imported_is_a_package_absent(name, monkeypatch) -> None:
    monkeypatch.setattr(lean_keras, "_is_being_imported", lambda _name: True)
    monkeypatch.delitem(sys.modules, name, raising=False)
    with pytest.raises(ImportError, match=f"without {name} here"):
        import_module(name)
    monkeypatch.setattr(lean_keras, "_is_being_imported", lambda _name: False)
    assert util.find_spec(name)
