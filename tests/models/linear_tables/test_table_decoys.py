"""No weight of a table says whether its word was typed, by its value or by two models."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from zerotap.features import LinearTable, Windows
from zerotap.features.transforms import TypedGrams
from zerotap.models.families.family import FitSettings
from zerotap.models.families.text import table

ATTACKS = Path(__file__).parents[3] / "benchmarks" / "privacy" / "attacks.py"
SECRET = b"of the dataset"
WORDS = [
    f"{a}{b}{c}" for a in ("ba", "cro", "den", "fli", "gu") for b in "aeiou" for c in ("nt", "rk", "sh", "m")
]


@pytest.fixture(scope="module")
def attacks():
    spec = importlib.util.spec_from_file_location("attacks", ATTACKS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def texts(buckets: int, count: int, classes: int) -> Windows:
    """Messages of words that are as frequent as words are, a few of them mostly one class's."""
    rng = np.random.default_rng(count)
    grams, y = TypedGrams(buckets), rng.integers(0, classes, count)
    chances = 1 / np.arange(1, len(WORDS) + 1)
    rows = []
    for label in y:
        drawn = np.minimum(
            (rng.choice(len(WORDS), 12, p=chances / chances.sum()) + 7 * label), len(WORDS) - 1
        )
        rows.append(grams.ids([WORDS[word].encode() for word in drawn]))
    x = np.zeros((count, max(map(len, rows))), np.int32)
    for row, ids in zip(x, rows, strict=True):
        row[: len(ids)] = ids
    return Windows(x, y, np.arange(count))


def fitted(windows: Windows, buckets: int, classes: int, secret: bytes = SECRET) -> LinearTable:
    return table.fit(windows, classes, 0, FitSettings(np.ones(classes), secret, buckets))


def typed_in(windows: Windows, buckets: int) -> np.ndarray:
    return np.isin(np.arange(1, buckets + 1), windows.x)


CASES = [(512, 300, 2), (1024, 300, 2), (2048, 300, 2), (1024, 300, 3), (4096, 200, 3)]


@pytest.mark.parametrize(("buckets", "count", "classes"), CASES)
def test_no_attack_finds_the_typed_words(buckets, count, classes, attacks):
    windows = texts(buckets, count, classes)
    typed = typed_in(windows, buckets)
    assert 0.1 < typed.mean() < 0.9
    rows = fitted(windows, buckets, classes).rows()
    assert attacks.worst(attacks.attack(rows, typed, np.zeros(rows.shape))) < 0.6


def test_zeros_in_place_of_decoys_would_be_found(attacks):
    windows = texts(1024, 300, 2)
    typed = typed_in(windows, 1024)
    rows = fitted(windows, 1024, 2).rows().copy()
    rows[~typed] = 0
    assert attacks.attack(rows, typed, rows * 0)["norm"] > 0.8


@pytest.mark.parametrize("classes", [2, 3])
def test_two_models_of_one_dataset_do_not_tell(classes, attacks):
    """By the dataset's secret what repeats tells nothing; by another secret it would."""
    windows = texts(1024, 300, classes)
    fewer = Windows(windows.x[:280], windows.y[:280], windows.groups[:280])
    typed = typed_in(windows, 1024)
    same_words = np.array_equal(typed, typed_in(fewer, 1024))
    one, again = fitted(windows, 1024, classes).rows(), fitted(fewer, 1024, classes).rows()
    fresh = fitted(windows, 1024, classes, b"another").rows()
    kept = typed == typed_in(fewer, 1024)
    assert same_words or kept.mean() > 0.98
    assert attacks.worst(attacks.attack_two(one[kept], again[kept], typed[kept])) < 0.6
    assert attacks.worst(attacks.attack_two(one, fresh, typed)) > 0.8


def test_two_fits_of_one_dataset_are_equal():
    windows = texts(1024, 300, 2)
    one, again = (fitted(windows, 1024, 2).to_arrays() for _ in range(2))
    assert all(np.array_equal(one[name], again[name]) for name in one)
