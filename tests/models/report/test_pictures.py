"""The picture of a model's confusions."""

import sys

import matplotlib as mpl
import pytest

mpl.use("Agg")

from matplotlib import pyplot

from zerotap.errors import MissingExtraError, ModelError
from zerotap.models import Scores, plot_confusion

SCORES = Scores(0.75, 0.7, ((9, 1), (4, 6)), 20)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    pyplot.close("all")


def test_every_count_is_in_its_cell_with_its_share_of_the_row():
    ax = plot_confusion(SCORES, ("calm", "tense"))
    cells = {text.get_position(): text.get_text() for text in ax.texts}
    assert cells == {(0, 0): "9\n90%", (1, 0): "1\n10%", (0, 1): "4\n40%", (1, 1): "6\n60%"}


def test_the_axes_say_what_they_show():
    ax = plot_confusion(SCORES, ("calm", "tense"))
    assert ax.get_xlabel() == "verdict"
    assert ax.get_ylabel() == "true class (recordings)"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["calm", "tense"]


def test_it_draws_where_it_is_told():
    _, ax = pyplot.subplots()
    assert plot_confusion(SCORES, ("calm", "tense"), ax=ax) is ax
    assert pyplot.get_fignums() == [ax.figure.number]


def test_a_class_that_was_never_tested_has_a_row_of_zeros():
    ax = plot_confusion(Scores(1, 0.5, ((3, 0), (0, 0)), 3), ("calm", "tense"))
    assert [text.get_text() for text in ax.texts] == ["3\n100%", "0\n0%", "0\n0%", "0\n0%"]


def test_other_classes_than_the_scores_are_refused():
    with pytest.raises(ModelError, match="3 classes for scores of 2"):
        plot_confusion(SCORES, ("calm", "tense", "other"))


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'zerotap\[plots\]'"):
        plot_confusion(SCORES, ("calm", "tense"))
