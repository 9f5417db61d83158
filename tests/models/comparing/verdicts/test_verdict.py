"""The verdict: who wins, that nobody does, and every number in the paragraph."""

import re
from dataclasses import replace

import numpy as np
import pytest
from made_comparison import (
    CHEAP,
    COSTS,
    DATA,
    MODELS,
    ONE_SEED,
    SAID,
    SEEDS,
    TRUTH,
    model,
    scores_of,
    validated,
)

from zerotap.features import Windows
from zerotap.models import (
    BoardScores,
    Judged,
    Reading,
    Reference,
    SideCounts,
    pairs_of,
    score,
    verdict_of,
)
from zerotap.models.comparing.verdicts.champions import champions
from zerotap.models.comparing.verdicts.wording import p_number, p_value
from zerotap.models.heads import make_head

TESTED = np.repeat([0, 1], [300, 200])
BIG = replace(DATA, recordings=SideCounts(1500, 500, {"ham": (900, 300), "spam": (600, 200)}))
RUNS = 100


def judged(name, verdicts) -> Judged:
    return Judged(name, Reading.by_greatest(2), np.asarray(verdicts))


class Case:
    """Models by name with what they say, and the verdict on them."""

    def __init__(self, truth=TESTED, data=BIG):
        self.truth, self.data = truth, data
        self.models, self.judged, self.references, self.reference = [], [], [], None

    def add(self, name, kind, verdicts, costs=COSTS, seeds=ONE_SEED):
        self.models.append(model(name, kind, scores_of(verdicts, self.truth), costs, seeds))
        self.judged.append(judged(name, verdicts))
        return self

    def refer(self, name, verdicts):
        self.reference = judged(name, verdicts)
        self.references = [Reference(name, scores_of(verdicts, self.truth))]
        return self

    def verdict(self, margin=0.02):
        pairs = pairs_of(self.judged, self.reference, self.truth, margin)
        return verdict_of(self.data, self.models, self.references, pairs, margin)


def said(wrong: slice | list, truth=TESTED):
    """Verdicts that are wrong where ``wrong`` says."""
    verdicts = truth.copy()
    verdicts[wrong] = 1 - verdicts[wrong]
    return verdicts


def drawn(generator, right_raw, right_text, hard=0.5) -> Case:
    """Two models that are right so often; on a share of the recordings the same luck decides for both."""
    luck = generator.random(500)
    own = np.where(generator.random(500) < hard, luck, generator.random(500))
    return (
        Case()
        .add("conv", "raw", np.where(luck < right_raw, TESTED, 1 - TESTED))
        .add("bag", "text", np.where(own < right_text, TESTED, 1 - TESTED))
    )


@pytest.mark.parametrize(
    ("raw", "text", "winner"), [(0.85, 0.95, "bag"), (0.95, 0.85, "conv"), (0.9, 0.9, None)]
)
def test_the_verdict_is_the_truth_at_least_19_times_of_20(raw, text, winner):
    generator = np.random.default_rng(20)
    verdicts = [drawn(generator, raw, text).verdict() for _ in range(RUNS)]
    assert sum(verdict.winner == winner for verdict in verdicts) >= 0.95 * RUNS
    begins = {"bag": "Text wins: bag (text)", "conv": "Raw wins: conv (raw)", None: "No winner: "}
    assert all(verdict.text.startswith(begins[verdict.winner]) for verdict in verdicts)


def test_a_winner_is_said_with_each_number():
    case = Case().add("conv", "raw", said(slice(0, 60))).add("bag", "text", said([]), CHEAP)
    verdict = case.refer("text SVM", said([])).verdict()
    assert (verdict.winner, verdict.recordings_needed, verdict.pair) == ("bag", None, ("conv", "bag"))
    f1 = case.models[0].scores.board.macro_f1
    for part in (
        "Text wins: bag (text) is better than conv (raw) on 500 test recordings (synthetic data).",
        f"Their macro-F1 differs by {1 - f1:.3f} (bag 1.000, conv {f1:.3f}), 95 % interval +0.",
        "Macro-F1 is the mean over the classes of F1",
        "bag alone is right on 60 of them and conv alone on 0;",
        "with p < 0.001 (exact McNemar test).",
        "at 48 MHz, with preprocessing and stack: bag 6,000 B of flash, 1,212 B of RAM, 4.2 ms",
        "; conv 14,208 B of flash, 2,616 B of RAM, 56.9 ms a message (at most 190 ms).",
        "text SVM, the best of the ordinary models, which no board runs, has 1.000: conv is worse (p < 0",
        "and bag is not shown to be better or worse (p = 1).",
    ):
        assert part in verdict.text
    assert "would be needed" not in verdict.text
    assert "trainings" not in verdict.text
    assert "held out" not in verdict.text  # two models: there was no choice


def test_without_a_winner_it_says_how_many_would_be_needed_and_what_the_cheaper_saves():
    case = Case().add("conv", "raw", said(slice(0, 5))).add("bag", "text", said(slice(5, 8)), CHEAP)
    verdict = case.verdict(0.05)
    assert verdict.winner is None
    assert verdict.recordings_needed > 500
    (count,) = re.findall(r"About ([\d,]+) test recordings like these would be needed", verdict.text)
    assert verdict.recordings_needed <= int(count.replace(",", "")) <= 1.1 * verdict.recordings_needed
    assert (
        "a difference between bag (text) and conv (raw) is not shown on 500 test recordings" in verdict.text
    )
    assert (
        "Neither is worse than the other by more than 0.05 of macro-F1; the cheaper, bag, saves 8,208 B of "
        "flash, 1,404 B of RAM and 52.7 ms a message." in verdict.text
    )


def test_what_is_only_not_worse_one_way_is_said_one_way():
    case = Case().add("conv", "raw", said(slice(0, 20))).add("bag", "text", said(slice(20, 32)), CHEAP)
    assert (
        "bag is not worse than conv by more than 0.02 of macro-F1; the cheaper, bag," in case.verdict().text
    )
    dear = Case().add("conv", "raw", said(slice(0, 20)), CHEAP).add("bag", "text", said(slice(20, 32)))
    assert (
        "bag is not worse than conv by more than 0.02 of macro-F1; the cheaper, conv," in dear.verdict().text
    )
    assert "Neither is shown to be within 0.001 of macro-F1" in case.verdict(0.001).text


def test_what_the_cheaper_takes_more_of_is_said_too():
    small = replace(CHEAP, ram_bytes=3_000)
    case = Case().add("conv", "raw", said([])).add("bag", "text", said([]), small)
    assert (
        "the cheaper, bag, saves 8,208 B of flash and 52.7 ms a message but takes 696 B of RAM more."
        in case.verdict().text
    )
    same = Case().add("conv", "raw", said([])).add("bag", "text", said([]))
    assert "both cost the same." in same.verdict().text


def test_units_that_differ_are_not_subtracted():
    window = replace(CHEAP, per_unit=replace(CHEAP.per_unit, unit="window"))
    text = Case().add("conv", "raw", said([])).add("bag", "text", said([]), window).verdict().text
    assert "the cheaper, bag, saves 8,208 B of flash and 1,404 B of RAM." in text
    assert "4.2 ms a window" in text


def test_an_even_split_needs_no_number_and_equal_verdicts_have_no_split():
    even = Case().add("conv", "raw", said(slice(0, 9))).add("bag", "text", said(slice(9, 18))).verdict()
    assert (even.winner, even.recordings_needed) == (None, None)
    assert "The split is even, so no number of recordings like these would show a difference." in even.text
    same = Case().add("conv", "raw", said(slice(0, 9))).add("bag", "text", said(slice(0, 9))).verdict()
    assert same.recordings_needed is None
    assert "On each recording both are right, or neither is." in same.text
    assert "p = 1" not in same.text


def test_agreement_on_few_recordings_shows_nothing():
    truth = np.arange(40) % 2
    text = Case(truth).add("conv", "raw", truth).add("bag", "text", truth, CHEAP).verdict().text
    assert "Too few recordings to show that either is within 0.02 of macro-F1 of the other; " in text


def test_more_right_but_not_the_higher_macro_f1_wins_nothing():
    """Of a rare class every recording is missed by the model that is right more often."""
    truth = np.repeat([0, 1], [490, 10])
    raw, text = truth.copy(), truth.copy()
    raw[490:] = 0
    text[:25] = 1
    verdict = Case(truth).add("conv", "raw", raw).add("bag", "text", text).verdict()
    assert verdict.winner is None
    assert verdict.recordings_needed is None
    assert (
        "No winner: conv (raw) is right more often than bag (text) on 500 test recordings (synthetic data), "
        "but its macro-F1 is not the higher one" in verdict.text
    )


def test_an_interval_without_width_is_said_to_say_nothing():
    """Of eight recordings one model is right on all, and one says the same of all: so has every resample."""
    truth = np.repeat([0, 1], 4)
    case = Case(truth, replace(BIG, recordings=SideCounts(24, 8, {"ham": (12, 4), "spam": (12, 4)})))
    case.add("conv", "raw", truth).add("bag", "text", np.zeros(8, int))
    verdict = case.verdict()
    assert "95 % interval +0.667 to +0.667. An interval without width says nothing: every" in verdict.text
    assert "An interval without width" not in drawn(np.random.default_rng(1), 0.8, 0.9).verdict().text


def test_a_probability_is_written_alike_in_sentences_and_tables():
    for p, said in ((0.0004, "< 0.001"), (0.042, "0.042"), (0.125, "0.125"), (0.5, "0.5"), (1.0, "1")):
        assert p_number(p) == said
        assert p_value(p) in {f"p {said}", f"p = {said}"}


def test_of_many_models_the_champions_are_the_validations_and_p_is_raised():
    case = Case().add("dense", "raw", said([]), seeds=validated(0.5))
    case.add("conv", "raw", said(slice(0, 12)), seeds=validated(0.9))
    case.add("bag", "text", said(slice(0, 6)), seeds=validated(0.8))
    verdict = case.verdict()
    assert verdict.pair == ("conv", "bag")
    pair = next(one for one in pairs_of(case.judged, None, TESTED) if {one.a, one.b} == {"conv", "bag"})
    assert pair.mcnemar < 0.05 < pair.p_holm
    assert verdict.winner is None
    assert verdict.recordings_needed > 500
    assert (
        f"p = {p_number(pair.p_holm)} (exact McNemar test, raised by Holm's rule for 3 pairs of models)"
        in verdict.text
    )
    assert "They are the best of their kinds by recordings held out of training" in verdict.text


def test_the_test_side_has_no_say_in_who_is_champion():
    better = model("b", "raw", scores_of(TRUTH), COSTS, validated(0.8))
    chosen = model("a", "raw", scores_of(1 - TRUTH), COSTS, validated(0.9))
    text = model("t", "text", scores_of(TRUTH), COSTS, validated(None))
    assert [one.name for one in champions([better, text, chosen])] == ["a", "t"]
    assert [one.name for one in champions([better, chosen])] == ["a", "b"]


def test_of_equal_scores_the_cheaper_is_champion_and_what_has_none_goes_last():
    cheap = replace(COSTS, per_unit=replace(COSTS.per_unit, cycles_mean=10.0))
    rows = [
        model("dear", "raw", scores_of(TRUTH), COSTS, validated(0.9)),
        model("cheap", "raw", scores_of(TRUTH), cheap, validated(0.9)),
        model("unknown", "raw", scores_of(TRUTH), cheap, validated(None)),
    ]
    assert [one.name for one in champions(rows)] == ["cheap", "dear"]
    assert [one.name for one in champions(rows[::2])] == ["dear", "unknown"]


def test_of_one_kind_it_does_not_answer_for_the_other():
    case = Case().add("conv", "raw", said(slice(0, 60))).add("dense", "raw", said([]))
    text = case.verdict().text
    assert text.startswith("dense (raw) is better than conv (raw) on 500")
    assert text.endswith("Only raw models were compared, so nothing here says whether text would do better.")


def test_one_model_is_compared_with_nothing_but_the_reference():
    case = Case().add("bag", "text", said(slice(0, 60))).refer("text SVM", said([]))
    verdict = case.verdict()
    assert (verdict.winner, verdict.recordings_needed, verdict.pair) == (None, None, ())
    assert verdict.text.startswith("Nothing to compare: bag (text) is the only model. On 500 test recordings")
    assert "bag is worse (p < 0.001)" in verdict.text
    assert "whether raw would do better" in verdict.text


def test_several_trainings_are_told_with_mean_and_worst():
    case = Case().add("conv", "raw", said([]), seeds=SEEDS).add("bag", "text", said([]))
    text = case.verdict().text
    assert "conv's macro-F1 is 0.925 on average and 0.910 at worst, over 2 trainings." in text
    assert "bag's macro-F1 is" not in text


def test_of_several_labels_right_is_right_in_every_label():
    classes = ("none", "toxic", "insult")
    reading = Reading(make_head("labels", classes), (0.0, 0.0))
    truth = np.arange(90) % 3
    right = reading.truth(truth)
    wrong = right.copy()
    wrong[:40, 0] = 1 - wrong[:40, 0]
    windows = Windows(np.zeros((90, 0)), truth, np.arange(90))
    entrants = [("conv", "raw", wrong), ("bag", "text", right)]
    models = [
        replace(
            model(name, kind, scores_of(TRUTH), COSTS, ONE_SEED),
            head="labels",
            labels=("toxic", "insult"),
            scores=BoardScores(score(verdicts * 2.0 - 1, windows, reading), None),
        )
        for name, kind, verdicts in entrants
    ]
    pairs = pairs_of([Judged(name, reading, verdicts) for name, _, verdicts in entrants], None, truth)
    verdict = verdict_of(DATA, models, (), pairs)
    assert verdict.winner == "bag"
    assert "bag alone is right in every label on 40 of them" in verdict.text
    assert "the mean over the labels of F1" in verdict.text
    mixed = verdict_of(DATA, [models[0], replace(models[1], head="classes", labels=())], (), pairs)
    assert "(bag " not in mixed.text.split("95 %")[0]  # one F1 is of labels, the other of classes


def test_what_was_made_up_by_hand_is_what_the_numbers_give():
    pairs = pairs_of([judged(name, SAID[name]) for name in ("conv", "bag")], None, TRUTH)
    verdict = verdict_of(DATA, MODELS, (), pairs)
    assert verdict.text.count(". ") < 12
    assert "\n" not in verdict.text
