"""Every transform of the registry: its parts fit together, and batch == stream for equality."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerotap.errors import FeatureError
from zerotap.features.transforms.interface import ManyAtOnce, run_stream
from zerotap.features.transforms.registry import TRANSFORMS, transform_type

EXAMPLES = [
    pytest.param(transform, source, id=f"{name}-{number}")
    for name, kind in TRANSFORMS.items()
    for number, (transform, source) in enumerate(kind.examples())
]


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_transform_is_a_frozen_dataclass_named_as_registered_with_examples(name):
    kind = TRANSFORMS[name]
    assert kind.name == name
    assert kind.__dataclass_params__.frozen
    assert kind.examples()


@pytest.mark.parametrize(("transform", "source"), EXAMPLES)
@settings(max_examples=12, deadline=None)
@given(count=st.integers(0, 70), seed=st.integers(0, 2**32 - 1))
def test_batch_equals_stream(items_of, transform, source, count, seed):
    assert_batch_equals_stream(transform, source, items_of(source, count, seed))


@pytest.mark.thorough
@pytest.mark.parametrize(("transform", "source"), EXAMPLES)
@settings(max_examples=40, deadline=None)
@given(count=st.integers(0, 70), seed=st.integers(0, 2**32 - 1))
def test_batch_equals_stream_on_many_more(items_of, transform, source, count, seed):
    assert_batch_equals_stream(transform, source, items_of(source, count, seed))


def assert_batch_equals_stream(transform, source, items) -> None:
    target = transform.output(source)
    batch = transform.batch(items)
    streamed = run_stream(transform.stream(source), items)
    assert batch.dtype == target.dtype
    assert batch.shape == (len(streamed), *target.shape)
    for row, result in enumerate(streamed):
        assert result.dtype == target.dtype
        assert np.array_equal(result, batch[row])


@pytest.mark.parametrize(
    ("transform", "source"), [one for one in EXAMPLES if isinstance(one.values[0], ManyAtOnce)]
)
@given(drawn=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2**32 - 1)), max_size=5))
def test_many_recordings_at_once_are_as_one_by_one(items_of, transform, source, drawn):
    recordings = [items_of(source, count, seed) for count, seed in drawn]
    results = transform.batches(recordings)
    assert len(results) == len(recordings)
    for items, result in zip(recordings, results, strict=True):
        assert np.array_equal(result, transform.batch(items))


@pytest.mark.parametrize(("transform", "source"), EXAMPLES)
def test_the_items_given_stay_as_they_are(items_of, transform, source):
    items = items_of(source, 40, 0)
    before = items.copy()
    transform.batch(items)
    run_stream(transform.stream(source), items)
    assert np.array_equal(items, before)


@pytest.mark.parametrize(("transform", "source"), EXAMPLES)
def test_floats_are_refused(transform, source):
    with pytest.raises(FeatureError):
        transform.output(dataclasses.replace(source, dtype="float32"))


@pytest.mark.parametrize(("transform", "source"), EXAMPLES)
@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_arrays_of_floats_give_no_silent_wrong_number(transform, source, value):
    with pytest.raises(FeatureError):
        transform.batch(np.full((5, *source.shape), value))


@pytest.mark.parametrize(("transform", "source"), EXAMPLES)
@pytest.mark.parametrize("dtype", ["bool", "int64", "uint32"])
def test_arrays_of_other_integers_are_refused(transform, source, dtype):
    with pytest.raises(FeatureError):
        transform.batch(np.zeros((5, *source.shape), dtype))


def test_an_unknown_name_lists_the_known():
    with pytest.raises(FeatureError, match="range_scale"):
        transform_type("fourier")
