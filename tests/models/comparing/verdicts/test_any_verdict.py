"""Whatever models said, the verdict is a paragraph without a hole, and the report reads as it was written."""

import json
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from made_comparison import CHEAP, COMPARISON, COSTS, DATA, ONE_SEED, SEEDS, model, scores_of, validated

from zerotap.models import Judged, Reading, Reference, SideCounts, pairs_of, report_markdown, verdict_of
from zerotap.models.comparing.values import Comparison

ENTRANT = st.tuples(
    st.sampled_from(("raw", "text")),
    st.sampled_from((COSTS, CHEAP)),
    st.sampled_from((SEEDS, ONE_SEED, validated(None), validated(0.7))),
    st.integers(0, 2**32),
)


@st.composite
def comparisons(draw) -> Comparison:
    """Up to four models and perhaps a reference, that say anything of a few recordings of two classes."""
    truth = np.array(
        draw(st.lists(st.integers(0, 1), min_size=2, max_size=60).filter(lambda y: len(set(y)) > 1))
    )
    entrants = draw(st.lists(ENTRANT, min_size=1, max_size=4))
    said = {
        f"m{i}": np.random.default_rng(one[3]).integers(0, 2, len(truth)) for i, one in enumerate(entrants)
    }
    models = [
        model(name, kind, scores_of(verdicts, truth), costs, seeds)
        for (name, verdicts), (kind, costs, seeds, _) in zip(said.items(), entrants, strict=True)
    ]
    judged = [Judged(name, Reading.by_greatest(2), verdicts) for name, verdicts in said.items()]
    reference = (
        Judged("majority", Reading.by_greatest(2), np.zeros_like(truth)) if draw(st.booleans()) else None
    )
    references = [Reference("majority", scores_of(reference.verdicts, truth))] if reference else []
    pairs = pairs_of(judged, reference, truth)
    counts = {name: (1, int((truth == number).sum())) for number, name in enumerate(DATA.classes)}
    data = replace(DATA, recordings=SideCounts(2, len(truth), counts))
    verdict = verdict_of(data, models, references, pairs, draw(st.sampled_from((0.0, 0.02, 1.0))))
    return replace(
        COMPARISON,
        data=data,
        models=tuple(models),
        references=tuple(references),
        pairs=pairs,
        verdict=verdict,
    )


@given(comparisons())
@settings(max_examples=60, deadline=None)
def test_any_verdict_is_whole(comparison):
    verdict = comparison.verdict
    assert verdict.text.endswith(".")
    for hole in ("None", "nan", "inf", "  ", "..", "-0.000", "{", "\n"):
        assert hole not in verdict.text
    kinds = {one.kind for one in comparison.models}
    assert ("nothing here says whether" in verdict.text) == (len(kinds) == 1)
    assert (verdict.winner is None) == verdict.text.startswith(("No winner: ", "Nothing to compare: "))
    assert ("would be needed" in verdict.text) == (verdict.recordings_needed is not None)
    if verdict.recordings_needed is not None:
        assert verdict.recordings_needed > comparison.data.recordings.test
    if verdict.winner:
        (pair,) = [one for one in comparison.pairs if {one.a, one.b} == set(verdict.pair)]
        ahead = pair.only_a - pair.only_b if verdict.winner == pair.a else pair.only_b - pair.only_a
        assert ahead > 0
        assert pair.p_holm < 0.05
    assert Comparison.from_json(json.loads(json.dumps(comparison.to_json()))) == comparison
    assert report_markdown(comparison)
