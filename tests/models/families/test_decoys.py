"""No row of a table says whether its word was typed: attacks on tables made here, without TensorFlow."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from zerotap.models.families.decoys import with_decoys

ATTACKS = Path(__file__).parents[3] / "benchmarks" / "privacy" / "attacks.py"
START = np.array([0.01, -0.02, 0.03, 0.0, 0.04, -0.01, 0.02, -0.03], np.float32)


@pytest.fixture(scope="module")
def attacks():
    spec = importlib.util.spec_from_file_location("attacks", ATTACKS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def trained_rows(count: int, rng: np.random.Generator) -> np.ndarray:
    """Rows as training leaves them: along one direction, most words near the middle, a little of all else."""
    strengths = rng.choice([-1, 0, 1], count) * rng.gamma(2, 0.5, count) + 0.1 * rng.normal(size=count)
    rows = np.outer(strengths, rng.normal(size=8)) + 0.05 * rng.normal(size=(count, 8))
    return (START + rows).astype(np.float32)


def table(typed: int, rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A table of which training moved ``typed`` rows and the padding's, and which ones."""
    rng = np.random.default_rng(seed)
    made = np.tile(START, (rows, 1))
    moved = np.zeros(rows, bool)
    moved[1 + rng.choice(rows - 1, typed, replace=False)] = True
    made[moved] = trained_rows(typed, rng)
    made[0] = 9
    return made, moved


@pytest.mark.parametrize(("typed", "rows"), [(70, 1024), (300, 1024), (600, 1024), (900, 1024)])
def test_no_attack_finds_the_typed_words(typed, rows, attacks):
    made, moved = table(typed, rows, seed=typed)
    hidden = with_decoys(made, START, np.random.default_rng(typed))
    seeded = np.random.default_rng(0).uniform(-0.05, 0.05, made.shape)
    step = np.abs(hidden[1:]).max() / 127
    as_int8 = np.clip(np.rint(hidden / step), -128, 127).astype(np.int8)
    assert attacks.worst(attacks.attack(made[1:], moved[1:], seeded[1:])) == 1
    assert attacks.worst(attacks.attack(hidden[1:], moved[1:], seeded[1:])) < 0.6
    assert attacks.worst(attacks.attack(as_int8[1:], moved[1:], seeded[1:] / step)) < 0.6


def test_zeros_in_place_of_decoys_would_be_found(attacks):
    made, moved = table(70, 1024, seed=0)
    made[~moved] = 0
    assert attacks.attack(made[1:], moved[1:], made[1:] * 0)["norm"] > 0.99


def test_trained_rows_and_the_padding_stay_and_decoys_follow_the_secret():
    made, moved = table(70, 1024, seed=1)
    moved[0] = True
    first, again, other = (with_decoys(made, START, np.random.default_rng(secret)) for secret in (5, 5, 6))
    assert np.array_equal(first[moved], made[moved])
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not (first == START).all(axis=1).any()
    assert not (first[1:] == 9).any()


@pytest.mark.parametrize("typed", [70, 300, 900])
def test_two_models_by_one_seed_do_not_tell(typed, attacks):
    made, moved = table(typed, 1024, seed=typed)
    one, again, fresh = (with_decoys(made, START, np.random.default_rng(secret))[1:] for secret in (1, 1, 2))
    assert attacks.worst(attacks.attack_two(one, fresh, moved[1:])) > 0.9
    assert attacks.worst(attacks.attack_two(one, again, moved[1:])) < 0.6


@pytest.mark.parametrize("typed", [70, 300])
def test_two_models_by_two_seeds_do_not_tell(typed, attacks):
    """Another seed turns the space that the rows lie in, and moves them a little."""
    made, moved = table(typed, 1024, seed=typed)
    rng = np.random.default_rng(typed)
    turn = np.linalg.qr(rng.normal(size=(8, 8)))[0]
    turned = np.where(moved[:, None], made @ turn + rng.normal(0, 0.01, made.shape), START).astype(np.float32)
    one, other, fresh = (
        with_decoys(rows, START, np.random.default_rng(secret))[1:]
        for rows, secret in ((made, 1), (turned, 1), (turned, 2))
    )
    assert attacks.worst(attacks.attack_two(one, other, moved[1:])) < 0.6
    assert attacks.worst(attacks.attack_two(one, fresh, moved[1:])) > (0.7 if typed == 300 else 0.55)


@pytest.mark.parametrize("typed", [70, 300])
def test_most_decoys_keep_their_source_where_a_few_words_come_new(typed):
    made, moved = table(typed, 1024, seed=3)
    more, _ = table(typed, 1024, seed=3)
    new = np.flatnonzero(~moved[1:])[: typed // 20] + 1
    more[new] = trained_rows(len(new), np.random.default_rng(9))
    one, other = (with_decoys(rows, START, np.random.default_rng(5)) for rows in (made, more))
    stayed = (one == other).all(axis=1)
    assert stayed[moved].all()
    assert stayed[~moved].mean() > 0.7


def test_each_trained_row_has_as_many_copies_or_one_more():
    made, moved = table(300, 1024, seed=4)
    hidden = with_decoys(made, START, np.random.default_rng(7))
    _, counts = np.unique(hidden[1:], axis=0, return_counts=True)
    assert moved[1:].sum() == len(counts) == 300
    assert counts.max() - counts.min() == 1


def test_a_padding_that_was_never_used_is_replaced_too():
    made, _ = table(70, 1024, seed=1)
    made[0] = START
    assert not np.array_equal(with_decoys(made, START, np.random.default_rng())[0], START)


@pytest.mark.parametrize(("typed", "count"), [(1, 1), (1, 9), (2, 1), (5, 3), (5, 400)])
def test_any_number_of_rows_serves(typed, count):
    rows = np.vstack([START, trained_rows(typed, np.random.default_rng(0)), np.tile(START, (count, 1))])
    hidden = with_decoys(rows, START, np.random.default_rng())
    made = hidden[-count:]
    assert hidden.shape == rows.shape
    assert not (hidden == START).all(axis=1).any()
    assert made.dtype == np.float32
    assert np.isfinite(made).all()


def test_where_nothing_was_typed_nothing_is_hidden():
    made = np.tile(START, (16, 1))
    assert np.array_equal(with_decoys(made, START, np.random.default_rng()), made)
