"""The front is what no other beats, by the definition itself."""

from hypothesis import given
from hypothesis import strategies as st

from zerotap.models.evaluation.fronts import front_of

few = st.integers(0, 5)


@given(st.lists(st.tuples(few, few), min_size=1, max_size=12))
def test_none_on_the_front_is_beaten_and_every_other_is(points):
    front = front_of(points, cost=lambda one: one[0], score=lambda one: one[1])
    assert front == sorted(set(front))
    for one in points:
        as_good = [other for other in points if other[0] <= one[0] and other[1] >= one[1]]
        assert (one in front) is (set(as_good) == {one})


def test_of_equals_the_first_is_taken():
    found = front_of(["a", "b"], cost=lambda _: 1.0, score=lambda _: 0.5)
    assert found == ["a"]
