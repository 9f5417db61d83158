"""Fitting linear tables: counts, scaled machines, verdicts, choices by folds, integers as good as floats."""

from dataclasses import replace

import numpy as np
import pytest

from zerotap.features import Windows
from zerotap.models.families.family import FitSettings
from zerotap.models.families.text import table
from zerotap.models.linear_tables import verdicts
from zerotap.models.linear_tables.choosing import Mixture, Side, choose, held_out_margins
from zerotap.models.linear_tables.columns import Recipe, fit_columns, inverse_frequencies, log_ratios
from zerotap.models.linear_tables.counts import Counts
from zerotap.models.linear_tables.integers import Form, by_levels, calibrated, choose_form, levels_of
from zerotap.models.linear_tables.targets import ClassTargets

BUCKETS = 300


def texts(count: int, classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Ids int32 (count, 40): most are anybody's, some are more often one class's."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, count)
    x = rng.integers(1, BUCKETS // 2, (count, 40), np.int32)
    own = rng.random(x.shape) < 0.12
    x[own] = (BUCKETS // 2 + y[:, None] * 9 + rng.integers(0, 14, x.shape))[own]
    x[np.arange(40) >= rng.integers(5, 41, (count, 1))] = 0
    return x, y


def side_of(count: int, classes: int, seed: int = 0) -> Side:
    x, y = texts(count, classes, seed)
    return Side(Counts.of(x, BUCKETS), ClassTargets(y, np.ones(classes)), seed)


def test_counts_are_of_occurrences_and_sizes_of_ids():
    counts = Counts.of(np.array([[3, 1, 3, 0], [0, 0, 0, 0], [0, 2, 0, 3]], np.int32), 4)
    assert counts.matrix.toarray().tolist() == [[1, 0, 2, 0], [0, 0, 0, 0], [0, 1, 1, 0]]
    assert counts.sizes.tolist() == [3, 0, 2]
    assert counts.texts_with.tolist() == [1, 1, 2, 0]
    assert counts.lengths(by_root=True).tolist() == pytest.approx([3**0.5, 1, 2**0.5])
    assert counts.rows(np.array([2, 0])).sizes.tolist() == [2, 3]


def test_scales_are_those_of_the_papers():
    counts = Counts.of(np.array([[1, 2], [1, 0], [1, 3], [2, 0]], np.int32), 3)
    assert inverse_frequencies(counts).tolist() == pytest.approx(np.log([5 / 4, 5 / 3, 5 / 2]) + 1)
    within, without = np.array([3, 2, 1]), np.array([2, 2, 2])
    wanted = np.log((within / 6) / (without / 6))
    assert log_ratios(counts, np.array([True, True, False, False])).tolist() == pytest.approx(wanted)


@pytest.mark.parametrize("by_root", [True, False])
@pytest.mark.parametrize("scaling", ["idf", "nb"])
def test_scores_are_sums_of_folded_weights(scaling, by_root):
    """What liblinear decides on scaled, divided counts is the sum of weights and a bias by the length."""
    side = side_of(400, 2)
    columns = fit_columns(side.counts, side.targets, Recipe(scaling, 1.0, by_root), 0, 1e-3)
    lengths = side.counts.lengths(by_root=by_root)[:, None]
    sums = side.counts.matrix @ columns.weights + columns.bias * lengths
    assert np.allclose(columns.margins(side.counts), sums / lengths)
    assert columns.margins(side.counts).std() == pytest.approx(1)
    assert verdicts.macro_f1(columns.margins(side.counts), side.targets.y) > 0.9


def test_a_class_weight_moves_verdicts_towards_it():
    side = side_of(400, 2)
    even, more = (
        fit_columns(
            side.counts, ClassTargets(side.targets.y, np.array(weights)), Recipe("idf", 0.1, True), 0, 0.01
        )
        for weights in ([1.0, 1.0], [1.0, 8.0])
    )
    said = [(columns.margins(side.counts) > 0).mean() for columns in (even, more)]
    assert said[0] + 0.02 < said[1]


def test_macro_f1_is_that_of_scikit_learn():
    from sklearn.metrics import f1_score

    rng = np.random.default_rng(0)
    for columns in (1, 3):
        margins, y = rng.normal(size=(200, columns)), rng.integers(0, max(2, columns), 200)
        wanted = f1_score(y, verdicts.chosen(margins), average="macro")
        assert verdicts.macro_f1(margins, y) == pytest.approx(wanted)


@pytest.mark.parametrize("columns", [1, 3])
def test_the_best_bias_takes_back_one_that_was_added(columns):
    side = side_of(600, max(2, columns))
    margins = side.fit(Recipe("idf", 1.0, True)).margins(side.counts)
    moved = margins + 0.4 * np.arange(1, columns + 1)
    found = moved + verdicts.best_bias(moved, side.targets.y)
    assert verdicts.macro_f1(moved, side.targets.y) < verdicts.macro_f1(margins, side.targets.y) - 0.02
    assert verdicts.macro_f1(found, side.targets.y) >= verdicts.macro_f1(margins, side.targets.y) - 0.005


def test_one_class_alone_has_no_best_bias():
    assert verdicts.best_bias(np.array([[1.0], [2.0]]), np.array([1, 1])).tolist() == [0]


@pytest.mark.parametrize("classes", [2, 3])
def test_choices_are_by_texts_that_were_not_fitted_to(classes):
    side, told = side_of(500, classes), []
    choice = choose(side, told.append)
    assert told == list(range(1, len(told) + 1))
    held = np.concatenate([fold.held for fold in choice.folds])
    assert sorted(held.tolist()) == list(range(500))
    margins = held_out_margins(side, choice.folds)
    assert margins.shape == (500, 1 if classes == 2 else 3)
    assert 0.7 < verdicts.macro_f1(margins, side.targets.y) < 1
    other = choose(side, told.append)
    assert (other.mixture, other.bias.tolist()) == (choice.mixture, choice.bias.tolist())


def test_where_a_class_has_too_few_texts_for_folds_the_middle_is_taken():
    x, _ = texts(6, 2)
    side = Side(Counts.of(x, BUCKETS), ClassTargets(np.array([0, 0, 0, 0, 0, 1]), np.ones(2)), 0)
    choice = choose(side, lambda _: None)
    assert choice.folds == [] and choice.mixture.share == 0.5
    assert choose_form(side, []) == Form()
    form, columns = Form(), choice.mixture.fit(side)
    assert calibrated(form.table(columns), side, [], form).scale == form.table(columns).scale


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_a_mixture_is_the_shares_of_its_columns(share):
    side = side_of(300, 2)
    nb, idf = Recipe("nb", 0.3, True), Recipe("idf", 1.0, True)
    wanted = (1 - share) * side.fit(nb).weights + share * side.fit(idf).weights
    assert np.allclose(Mixture(nb, idf, share).fit(side).weights, wanted)


@pytest.mark.parametrize("by_root", [True, False])
@pytest.mark.parametrize("classes", [2, 3])
def test_integers_decide_as_the_floats_do(classes, by_root):
    x, y = texts(600, classes)
    side = Side(Counts.of(x, BUCKETS), ClassTargets(y, np.ones(classes)), 0)
    columns = side.fit(Recipe("idf", 1.0, by_root))
    table = Form().table(columns)
    agreed = (table.scores(x).argmax(axis=1) == verdicts.chosen(columns.margins(side.counts))).mean()
    assert agreed > 0.98
    assert np.abs(table.weights).max() == 127


def test_sixteen_levels_are_near_and_half_the_bytes():
    side = side_of(600, 2)
    table = Form().table(side.fit(Recipe("idf", 1.0, True)))
    small = by_levels(table, levels_of(table.weights))
    assert small.weights.nbytes * 2 == table.weights.nbytes
    error = (small.rows().astype(float) - table.rows()).std()
    assert error < table.rows().std() / 8
    assert 12 <= len(np.unique(small.rows())) <= 16


def test_a_bias_that_is_large_for_its_weights_makes_the_step_larger():
    columns = side_of(300, 2).fit(Recipe("idf", 1.0, True))
    table = Form().table(columns.moved(np.array([1e9])))
    assert table.bias.tolist() == pytest.approx([32767], abs=16)


def test_the_scale_makes_logits_of_margins():
    side = side_of(600, 2)
    choice = choose(side, lambda _: None)
    form = choose_form(side, choice.folds)
    table = calibrated(form.table(choice.mixture.fit(side)), side, choice.folds, form)
    x, y = texts(600, 2, seed=5)
    logits = table.scores(x) * table.scale
    chances = 1 / (1 + np.exp(logits[:, 0] - logits[:, 1]))
    sure = np.abs(chances - 0.5) > 0.4
    assert sure.mean() > 0.2
    assert ((chances > 0.5) == y)[sure].mean() > 0.9
    assert np.abs(chances.mean() - y.mean()) < 0.06


def fitted(windows: Windows, classes: int, secret: bytes, seed: int = 0):
    return table.fit(windows, classes, seed, FitSettings(np.ones(classes), secret, BUCKETS))


@pytest.mark.parametrize("classes", [2, 3])
def test_a_fit_is_good_on_other_texts_and_the_same_again(classes):
    x, y = texts(500, classes)
    windows = Windows(x, y, np.arange(len(x)))
    table = fitted(windows, classes, b"secret")
    other, truth = texts(300, classes, seed=9)
    assert (table.scores(other).argmax(axis=1) == truth).mean() > 0.8
    again = fitted(windows, classes, b"secret")
    assert all(
        np.array_equal(a, b) for a, b in zip(*(t.to_arrays().values() for t in (table, again)), strict=True)
    )


def test_words_that_were_not_typed_have_weights_of_the_secret():
    x, y = texts(500, 2)
    windows = Windows(x, y, np.arange(len(x)))
    unseen = ~np.isin(np.arange(1, BUCKETS + 1), x)
    assert unseen.sum() > 50
    one, other = (fitted(windows, 2, secret).rows() for secret in (b"one", b"other"))
    assert np.array_equal(one[~unseen], other[~unseen])
    assert (one[unseen] != other[unseen]).mean() > 0.5
    assert np.abs(one[unseen].astype(int)).mean() == pytest.approx(
        np.abs(one[~unseen].astype(int)).mean(), rel=0.3
    )


def test_a_seed_is_the_hash_seed_of_the_pipeline():
    assert table.SPEC.of_seed(0).pipeline == table.SPEC.pipeline
    assert table.SPEC.of_seed(7).pipeline.stages[0].seed == 7
    large = table.SPEC.variants.presets["large"].spec
    assert (large.pipeline.buckets, large.preset) == (65537, "large")
    assert replace(large, preset="").name == "linear"
