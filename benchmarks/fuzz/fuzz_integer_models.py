"""Files of integer models: python benchmarks/fuzz/fuzz_integer_models.py --seconds 600.

What is read is used: scored in NumPy, planned, and written as C.
"""

import io
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from fuzz_driver import Target, main, mutated

from zerotap.errors import ModelError
from zerotap.features import INTEGER_MODELS, Forest, IntegerModel, LinearTable, write_integer_model
from zerotap.features.integer_models import read_integer_model
from zerotap.firmware import open_artefact
from zerotap.firmware.artefacts.integer_model import IntegerArtefact
from zerotap.firmware.generation.integer_code import generate_integer

VALUES = (-(1 << 31), -(1 << 24) - 1, -129, -2, -1, 0, 1, 2, 3, 127, 255, 1 << 16, 1 << 24, (1 << 31) - 1)
DTYPES = ("int8", "uint8", "int16", "uint16", "int32", "int64", "float32", "bool")
ROWS = 3


def models() -> list[IntegerModel]:
    """One of each kind, and of each form that its file can have."""
    book = np.arange(-8, 8, dtype=np.int8)
    return [
        Forest(
            inputs=np.array(2, np.int32),
            roots=np.array([0, ~1], np.int32),
            features=np.array([1, 0], np.uint16),
            thresholds=np.array([5, -7], np.int32),
            left=np.array([1, ~0], np.int32),
            right=np.array([~2, ~1], np.int32),
            shares=np.array([[255, 0], [0, 255], [127, 128]], np.uint8),
        ),
        LinearTable(np.arange(-6, 6, dtype=np.int8).reshape(4, 3), np.array([1, -2, 3], np.int32), 4),
        LinearTable(np.array([0x10, 0xF2], np.uint8), np.array([16], np.int32), 4, True, book),
    ]


def corpus() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        return [write_integer_model(model, folder).read_bytes() for model in _apart(models(), folder)]


def _apart(each: list[IntegerModel], folder: str) -> Sequence[IntegerModel]:
    """Two of one kind have one name: each is read before the next is written."""
    for model in each:
        for file in Path(folder).iterdir():
            file.unlink()
        yield model


def mutate(rng: random.Random, corpus: Sequence[bytes]) -> bytes:
    """Bytes as anywhere, or other values, dtypes, shapes and names in an archive that is whole."""
    if rng.random() < 0.2:
        return mutated(rng, corpus)
    with np.load(io.BytesIO(rng.choice(corpus)), allow_pickle=False) as archive:
        arrays = dict(archive)
    for _ in range(rng.choice((1, 1, 2, 4))):
        if arrays:
            name = rng.choice(sorted(arrays))
            rng.choice(_CHANGES)(rng, arrays, name)
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def _value(rng: random.Random, arrays: dict[str, np.ndarray], name: str) -> None:
    array = arrays[name].copy()
    if array.size:
        wrapped = np.array(rng.choice(VALUES)).astype(array.dtype)
        array.flat[rng.randrange(array.size)] = wrapped
    arrays[name] = array


def _dtype(rng: random.Random, arrays: dict[str, np.ndarray], name: str) -> None:
    arrays[name] = arrays[name].astype(rng.choice(DTYPES))


def _shape(rng: random.Random, arrays: dict[str, np.ndarray], name: str) -> None:
    flat = arrays[name].ravel()
    size = rng.choice((0, 1, max(0, flat.size - 1), flat.size + 1, 2 * flat.size))
    arrays[name] = np.resize(flat, rng.choice(((size,), (size, 1), (1, size), (size, 0), ())))


def _name(rng: random.Random, arrays: dict[str, np.ndarray], name: str) -> None:
    array = arrays.pop(name)
    if rng.random() < 0.7:
        arrays[rng.choice(("x", "weights", "shares", "codebook"))] = array


_CHANGES = (_value, _value, _value, _dtype, _shape, _name)


def run(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in INTEGER_MODELS:
            file = Path(folder, name)
            file.write_bytes(data)
            try:
                model = read_integer_model(file)
            except ModelError:
                continue
            artefact = open_artefact(file)
            assert isinstance(artefact, IntegerArtefact)
            assert artefact.inputs(artefact.drawn(ROWS, 0)).dtype == np.int32
            scores = model.scores(artefact.drawn(ROWS, 1))
            assert scores.shape == (ROWS, model.classes) and scores.dtype == np.int32
            assert artefact.analysis(artefact.analyse())
            generate_integer(artefact.planned, "fuzzed")


TARGET = Target("integer models", run, corpus, (ModelError,), mutate)

if __name__ == "__main__":
    sys.exit(main(TARGET))
