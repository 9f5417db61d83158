"""What may be asked of a training: lengths, class weights, augmentation; all is checked before TensorFlow."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.errors import ModelError
from zerotap.features import Pipeline, Windows
from zerotap.models import Augmentation, FittedSpec, ModelSpec, class_weight_of
from zerotap.models.training.class_weights import weights_by_class
from zerotap.models.training.schedule import Schedule
from zerotap.models.training.settings import TrainingSettings

CLASSES = ("ham", "spam", "none")
SPEC = ModelSpec("small", None, Pipeline.raw("small", 4, 4), epochs=30, batch=64, learning_rate=0.01)
AT_ONCE = FittedSpec("table", None, Pipeline.raw("table", 4, 4))


@pytest.mark.parametrize(
    ("words", "choice"),
    [((), "balanced"), (("none",), "none"), (("spam=2", "a=b=.5"), {"spam": 2.0, "a=b": 0.5})],
)
def test_class_weights_are_read(words, choice):
    assert class_weight_of(words) == choice


@pytest.mark.parametrize(
    "words",
    [
        ("half",),
        ("spam=x",),
        ("=2",),
        ("spam=0",),
        ("spam=inf",),
        ("none", "a=1"),
        ("a=1", "a=2"),
        ("a=1e308",),
        ("a=1e-308",),
    ],
)
def test_what_is_no_class_weight_is_told(words):
    with pytest.raises(ModelError, match=r"class"):
        class_weight_of(words)


def test_weights_are_as_chosen():
    y = np.array([0, 0, 0, 1])
    assert weights_by_class(y, CLASSES).tolist() == pytest.approx([2 / 3, 2, 1])
    assert weights_by_class(y, CLASSES, "none").tolist() == [1, 1, 1]
    assert weights_by_class(y, CLASSES, {"spam": 2.5}).tolist() == [1, 2.5, 1]
    with pytest.raises(ModelError, match="choose of ham, spam, none"):
        weights_by_class(y, CLASSES, {"other": 1})


def test_augmentations_are_read():
    assert Augmentation.read("") == Augmentation() and Augmentation().is_off
    assert Augmentation.read("jitter=.3, warp=0.1") == Augmentation(jitter=0.3, warp=0.1)


@pytest.mark.parametrize(
    "text", ["jitter", "jitter=x", "size=1", "jitter=-1", "scale=1", "warp=nan", "=1", "jitter=1,jitter=2"]
)
def test_what_is_no_augmentation_is_told(text):
    with pytest.raises(ModelError, match="augmentation"):
        Augmentation.read(text)


def windows(shape, dtype) -> Windows:
    return Windows(np.zeros((4, *shape), dtype), np.zeros(4, np.int64), np.zeros(4, np.int64))


def test_ids_are_not_moved_and_features_have_no_time():
    with pytest.raises(ModelError, match="reads ids"):
        Augmentation(jitter=0.1).check("bag", windows((8,), np.int32))
    with pytest.raises(ModelError, match="no time to warp"):
        Augmentation(warp=0.1).check("dense", windows((8,), np.int8))
    Augmentation(jitter=0.1).check("dense", windows((8,), np.int8))
    Augmentation(warp=0.1).check("conv", windows((8, 3), np.int8))


@given(st.integers(1, 5000), st.integers(1, 3000), st.integers(1, 50))
def test_a_schedule_takes_no_more_than_is_asked_and_no_less_than_the_family_needs(count, steps, epochs):
    own = Schedule.of(SPEC, count, TrainingSettings())
    a_pass = -(-count // own.batch)
    assert own.rounds == 30
    assert own.all_steps >= max(SPEC.run_steps, 30 * a_pass)
    assert own.steps == a_pass or own.all_steps < SPEC.run_steps + own.rounds
    asked = Schedule.of(SPEC, count, TrainingSettings(steps=steps))
    assert steps - asked.steps < asked.all_steps <= steps
    for_epochs = Schedule.of(SPEC, count, TrainingSettings(epochs=epochs))
    assert (for_epochs.steps, for_epochs.rounds) == (a_pass, epochs)
    for each in (own, asked, for_epochs):
        assert each.steps % each.at_once == 0 and 1 <= each.at_once <= 32
    most = replace(SPEC, run_steps=300, most_steps=max(300, steps))
    limited = Schedule.of(most, count, TrainingSettings())
    assert limited.rounds >= SPEC.epochs and limited.all_steps <= max(most.most_steps, 300)
    assert limited.steps == min(max(a_pass, 10), most.most_steps // SPEC.epochs)
    assert Schedule.of(most, count, TrainingSettings(epochs=epochs)) == for_epochs
    assert [Schedule(16, each, 1).at_once for each in (1, 32, 34, 37, 133)] == [1, 32, 17, 1, 19]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"epochs": 0}, "0 epochs"),
        ({"steps": 0}, "0 steps"),
        ({"epochs": 1, "steps": 1}, "give one of them"),
        ({"seed": -1}, "seed -1"),
        ({"class_weight": "half"}, "class weight"),
    ],
)
def test_settings_that_train_nothing_are_refused(asked, words):
    with pytest.raises(ModelError, match=words):
        TrainingSettings(**asked)


@pytest.mark.parametrize(
    "asked",
    [{"epochs": 1}, {"steps": 1}, {"augmentation": Augmentation(jitter=0.1)}],
    ids=lambda one: next(iter(one)),
)
def test_what_is_fitted_at_once_has_none_of_them(asked):
    with pytest.raises(ModelError, match=f"fitted at once and has no {next(iter(asked))}: leave it out"):
        TrainingSettings(**asked).check_for(AT_ONCE)
    TrainingSettings(**asked).check_for(SPEC)
