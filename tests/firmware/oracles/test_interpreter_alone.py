"""TensorFlow Lite's interpreter without the rest of TensorFlow: in zerotap's own child, and there alone."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from zerotap.firmware import Oracle
from zerotap.firmware.oracles import interpreter_alone
from zerotap.isolation import TENSORFLOW
from zerotap.isolation.process import _INSIDE

CODE = """
import os, sys
import numpy as np
os.environ[{variable!r}] = {library!r}
from zerotap.firmware import Oracle
oracle = Oracle({file!r}, isolation=None)
outputs = oracle.invoke(np.arange(80, dtype=np.int8).reshape(10, 8))
print(oracle.name, outputs.tolist(), "tensorflow" in sys.modules, sep="|")
"""


def test_the_same_bits_without_all_of_tensorflow(dense_file: Path) -> None:
    code = CODE.format(variable=_INSIDE, library=TENSORFLOW, file=str(dense_file))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    expected = Oracle(dense_file)
    outputs = expected.invoke(np.arange(80, dtype=np.int8).reshape(10, 8)).tolist()
    assert done.stdout.strip().split("|") == [expected.name, str(outputs), "False"]


AFTER = """
import sys
import keras, numpy as np
from zerotap.firmware import Oracle, quantise
rows = np.arange(80, dtype=np.int8).reshape(10, 8)
before = Oracle({file!r}).invoke(rows)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
content = quantise(model, np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32))
assert np.array_equal(Oracle({file!r}).invoke(rows), before)
print(len(Oracle(content).invoke(rows[:, :4])))
"""


def test_a_child_that_had_the_interpreter_alone_quantises_afterwards(dense_file: Path) -> None:
    """Its verbs import modules of TensorFlow, of which all is then loaded first."""
    code = AFTER.format(file=str(dense_file))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()[-1:]) == (0, ["10"]), done.stderr[-2000:]


@pytest.fixture
def package(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that takes long to import, in place of TensorFlow; its module is "large.inner"."""
    (tmp_path / "large").mkdir()
    (tmp_path / "large" / "__init__.py").write_text("is_whole = True")
    (tmp_path / "large" / "inner.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(interpreter_alone, "_PACKAGE", "large")
    monkeypatch.setattr(interpreter_alone, "_MODULE", "large.inner")
    interpreter_alone._alone.cache_clear()
    request.addfinalizer(interpreter_alone._alone.cache_clear)
    for name in ("large", "large.inner"):
        monkeypatch.setitem(sys.modules, name, None)  # so that what it was before comes back
        monkeypatch.delitem(sys.modules, name)
    return tmp_path / "large"


@pytest.mark.parametrize("library, is_whole", [(TENSORFLOW, False), ("", True)])
def test_the_rest_is_left_out_in_the_child_alone(
    package: Path, monkeypatch: pytest.MonkeyPatch, library: str, is_whole: bool
) -> None:
    monkeypatch.setenv(_INSIDE, library)
    found = interpreter_alone.interpreter_module()
    assert Path(found.__file__) == package / "inner.py"
    assert ("large" in sys.modules) == is_whole
    assert interpreter_alone.interpreter_module() is found


def test_where_it_needs_the_rest_all_is_loaded(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (package / "inner.py").write_text("from large import is_whole")
    monkeypatch.setenv(_INSIDE, TENSORFLOW)
    assert interpreter_alone.interpreter_module().is_whole


def test_a_child_that_has_all_of_it_takes_it(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(_INSIDE, TENSORFLOW)
    whole = __import__("large")
    interpreter_alone.interpreter_module()
    assert sys.modules["large"] is whole and whole.is_whole
