"""Heads: what classes become targets and labels, what logits become verdicts, and what a loss weighs."""

import numpy as np
import pytest

from zerotap.errors import ModelError
from zerotap.models.head_kinds import HEADS
from zerotap.models.heads import labels_of, make_head

TOXIC = ("none", "toxic", "toxic+obscene", "toxic+insult+obscene", "threat")


def test_classes_give_their_indices_and_the_greatest_wins():
    head = make_head("classes", ("calm", "tense", "other"))
    y = np.array([2, 0, 1])
    assert head.labels == head.names == ("calm", "tense", "other")
    assert head.targets(y).tolist() == [2, 0, 1]
    logits = np.array([[0.0, 1, 2], [3, 3, 0], [0, 5, 1]])
    assert (head.verdicts(logits) == head.truths(y)).all()
    assert head.fit_thresholds(logits, y) == ()
    assert not head.has_thresholds
    assert (head.strata(y) == y).all()


def test_binary_gives_one_output_for_the_positive_class():
    head = make_head("binary", ("ham", "spam"))
    assert make_head("binary", ("ham", "spam"), "ham").labels == ("ham",)
    assert (head.labels, head.names) == (("spam",), ("ham", "spam"))
    assert head.targets(np.array([0, 1])).tolist() == [[0.0], [1.0]]
    logits = np.array([[0.9], [1.0], [3.0], [-2.0]])
    assert head.verdicts(logits, (1.0,))[:, 1].tolist() == [False, True, True, False]
    assert head.verdicts(logits)[:, 1].tolist() == [True, True, True, False]
    turned = make_head("binary", ("ham", "spam"), "ham")
    assert turned.targets(np.array([0, 1])).tolist() == [[1.0], [0.0]]
    assert turned.verdicts(logits, (1.0,))[:, 0].tolist() == [False, True, True, False]
    assert "from the threshold on it is spam, else ham" in head.meaning


def test_labels_come_from_the_names_and_each_has_its_threshold():
    head = make_head("labels", TOXIC)
    assert head.labels == head.names == ("toxic", "obscene", "insult", "threat")
    y = np.array([0, 3, 4])
    assert head.targets(y).tolist() == [[0, 0, 0, 0], [1, 1, 1, 0], [0, 0, 0, 1]]
    logits = np.array([[0.0, 0, 0, 0], [2, 1, 1, -9], [0, 0, 0, -0.5]])
    assert (head.verdicts(logits, (1.5, 0.5, 1.0, -0.5)) == head.truths(y))[1:].all()
    assert head.verdicts(logits, (1.5, 0.5, 1.0, -0.5))[0].tolist() == [False, False, False, True]


@pytest.mark.parametrize("kind", HEADS)
def test_thresholds_fitted_on_a_shifted_model_repair_it(kind):
    """Logits that are right but for their level."""
    classes = ("none", "a") if kind != "classes" else ("calm", "tense")
    head = make_head(kind, classes)
    y = np.repeat([0, 1], 20)
    logits = np.linspace(3, 5, 40)[:, np.newaxis] if kind != "classes" else np.stack([1 - y, y], axis=1)
    thresholds = head.fit_thresholds(logits, y)
    assert len(thresholds) == (0 if kind == "classes" else 1)
    assert (head.verdicts(logits, thresholds) == head.truths(y)).all()


def test_labels_weigh_the_same_given_or_not():
    """The loss of logits 0 falls on both sides alike, however rare a label is."""
    head = make_head("labels", ("none", "rare"))
    y = np.repeat([0, 1], [90, 10])
    loss = head.loss(y)(head.targets(y), np.zeros((100, 1), np.float32))
    loss = np.asarray(loss)
    assert loss[:90].sum() == pytest.approx(loss[90:].sum(), rel=1e-5)
    plain = np.asarray(head.loss(y, balanced=False)(head.targets(y), np.zeros((100, 1), np.float32)))
    assert plain == pytest.approx(np.full(100, np.log(2)))


def test_a_loss_of_labels_is_the_cross_entropy_at_large_logits_too():
    import keras

    head = make_head("labels", ("none", "a", "b", "a+b"))
    y = np.array([0, 1, 2, 3])
    logits = np.array([[-80, 80], [3, -2], [0.5, 0], [80, -80]], np.float32)
    ours = np.asarray(head.loss(y, balanced=False)(head.targets(y), logits))
    theirs = keras.losses.binary_crossentropy(head.targets(y), logits, from_logits=True)
    assert ours == pytest.approx(np.asarray(theirs), rel=1e-5)


@pytest.mark.parametrize("name", ["toxic+toxic", "none+toxic", "toxic+none"])
def test_names_that_are_no_labels_are_refused(name):
    with pytest.raises(ModelError, match=r"join different names as in a\+b"):
        labels_of(name)


@pytest.mark.parametrize(
    ("kind", "classes", "positive", "words"),
    [
        ("softmax", ("a", "b"), None, "choose one of classes, binary, labels"),
        ("binary", ("a", "b", "c"), None, "two classes apart, the dataset has 3"),
        ("binary", ("a", "b"), "spam", "choose a or b"),
        ("classes", ("a", "b"), "a", "take the head binary"),
        ("labels", ("toxic", "toxic+insult"), None, "every class has the label 'toxic'"),
    ],
)
def test_what_does_not_go_together_is_refused(kind, classes, positive, words):
    with pytest.raises(ModelError, match=words):
        make_head(kind, classes, positive)
