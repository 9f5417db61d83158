"""TensorFlow Lite's interpreter without the rest of TensorFlow: in zerotap's own child, and there alone."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from zerotap.firmware import Oracle
from zerotap.isolation import TENSORFLOW
from zerotap.isolation.process import _INSIDE

CODE = """
import os, sys
import numpy as np
os.environ[{variable!r}] = {library!r}
from zerotap.firmware import Oracle
oracle = Oracle({file!r}, isolation=None)
outputs = oracle.invoke(np.arange(80, dtype=np.int8).reshape(10, 8))
print(oracle.name, outputs.tolist(), "tensorflow" in sys.modules, "keras" in sys.modules, sep="|")
"""


@pytest.mark.parametrize("library", [TENSORFLOW, ""])
def test_the_same_bits_with_and_without_all_of_tensorflow(dense_file: Path, library: str) -> None:
    code = CODE.format(variable=_INSIDE, library=library, file=str(dense_file))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    expected = Oracle(dense_file)
    outputs = expected.invoke(np.arange(80, dtype=np.int8).reshape(10, 8)).tolist()
    is_whole = str(library != TENSORFLOW)
    assert done.stdout.strip().split("|") == [expected.name, str(outputs), is_whole, is_whole]
