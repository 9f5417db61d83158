"""The walk over a file's records: the same as stepping one by one, whatever the lengths."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerotap.capture.files.pcap_files.record_starts import FEWEST_STEPS, walk

# Runs of a repeated pattern, each up to beyond what the walk tries before it guesses.
patterns = st.lists(
    st.tuples(st.lists(st.integers(1, 5), min_size=1, max_size=10), st.integers(1, 3 * FEWEST_STEPS)),
    min_size=1,
    max_size=6,
)


def walked(sizes):
    """Walk records of these sizes, each of which tells its own; count how many were stepped on singly."""
    starts = np.cumsum([0, *sizes])
    size_at = dict(zip(starts.tolist(), sizes, strict=False))
    end, stepped = int(starts[-1]), []

    def steps(at, count):
        places = [at]
        while at < end and len(places) <= count:
            stepped.append(at)
            at += size_at[at]
            places.append(at)
        return np.array(places, np.int64)

    def sizes_of(at, stride, count):
        # Between two starts anything may be read, also what looks like the size that was expected.
        return np.array([size_at.get(place, 3) for place in range(at, at + stride * count, stride)], np.int64)

    return *walk(steps, sizes_of, 0, end), starts, len(stepped)


@settings(deadline=None)
@given(patterns)
def test_every_start_is_found(runs):
    sizes = [size for pattern, count in runs for size in pattern * count]
    found, after, starts, _ = walked(sizes)
    assert found.tolist() == starts[:-1].tolist()
    assert after == starts[-1]


@pytest.mark.parametrize("period", [1, 2, 3, 8])
def test_repetitions_are_leapt_over(period):
    _, _, _, stepped = walked(list(range(1, period + 1)) * 2000)
    assert stepped <= 2 * FEWEST_STEPS


def test_no_records_at_all():
    found, after, _, _ = walked([])
    assert (found.tolist(), after) == ([], 0)
