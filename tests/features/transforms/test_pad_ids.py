"""A text's ids in a window: filled up with zeros, or cut at its head, middle or tail."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.errors import FeatureError
from zerotap.features.transforms.interface import Signal, run_stream
from zerotap.features.transforms.pad_ids import PadIds


@pytest.mark.parametrize(
    ("keep", "window"), [("head", [1, 2, 3, 4, 5]), ("middle", [1, 2, 3, 8, 9]), ("tail", [5, 6, 7, 8, 9])]
)
def test_what_is_kept_of_a_long_text(keep, window):
    ids = np.arange(1, 10, dtype=np.int32)
    assert PadIds(5, keep).batch(ids).tolist() == [window]
    assert PadIds(5, keep).batch(ids[:3]).tolist() == [[1, 2, 3, 0, 0]]
    assert PadIds(5, keep).batch(ids[:0]).tolist() == [[0] * 5]


@given(st.integers(1, 20), st.sampled_from(["head", "middle", "tail"]), st.lists(st.integers(1, 1 << 16)))
def test_batch_equals_stream(length, keep, ids):
    transform, items = PadIds(length, keep), np.array(ids, np.int32)
    streamed = run_stream(transform.stream(Signal((), "int32")), items)
    assert np.array_equal(transform.batch(items), np.array(streamed))


@pytest.mark.parametrize(("length", "keep"), [(0, "head"), (4097, "head"), (5, "both")])
def test_impossible_parameters_are_refused(length, keep):
    with pytest.raises(FeatureError, match="choose"):
        PadIds(length, keep)


@pytest.mark.parametrize("source", [Signal((1,), "int32"), Signal((), "uint8")])
def test_other_than_ids_are_refused(source):
    with pytest.raises(FeatureError, match="give it ids"):
        PadIds().output(source)
