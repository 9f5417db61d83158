"""Files of every operator and streams, edited: python benchmarks/fuzz/fuzz_tflite.py --seconds 600.

What zerotap accepts it must compute as TensorFlow's kernels do; what they refuse or die of does not count.
Models and edits are those of the tests (tests/firmware/makers).
"""

import importlib.util
import random
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
from fuzz_driver import Target, main

from zerotap.errors import ModelError

TESTS = Path(__file__).parents[2] / "tests" / "firmware"
sys.path.insert(0, str(TESTS / "makers"))

import streams  # noqa: E402
from all_makers import MAKERS, make  # noqa: E402
from damage import edited, judge  # noqa: E402
from edits import EDITS, pick  # noqa: E402

FILES_AN_OPERATOR = 4
STREAMS = 8
EDITS_MOST = 3


def _writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("model_writer", TESTS / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


def corpus() -> list[bytes]:
    parts = _writer()
    writer = parts.TensorSpec, parts.ModelSpec, parts.write_tflite
    files = [make(writer, operator, seed)[0] for operator in MAKERS for seed in range(FILES_AN_OPERATOR)]
    return files + [streams.drawn(writer, seed) for seed in range(STREAMS)]


def mutate(rng: random.Random, corpus: Sequence[bytes]) -> bytes:
    """One to three edits of a file's tables; an edit that finds nothing of its kind leaves them."""
    content, drawn = rng.choice(corpus), np.random.default_rng(rng.getrandbits(64))
    for _ in range(rng.randint(1, EDITS_MOST)):
        try:
            content = edited(content, partial(pick(drawn, EDITS), drawn))
        except (TypeError, ValueError, IndexError, AttributeError):
            continue
    return content


def run(data: bytes) -> None:
    faults = judge([("file", data)]).faults
    assert not faults, faults


TARGET = Target(".tflite", run, corpus, (ModelError,), mutate)

if __name__ == "__main__":
    sys.exit(main(TARGET))
