"""What scikit-learn fits at once: a linear table on messages, from their packets on, and a forest."""

from __future__ import annotations

import numpy as np
from timing import Row, timed

from zerotap.capture import US, Packet, Recording, Split
from zerotap.features import Windows
from zerotap.models import Family, cut_windows, model_spec
from zerotap.models.training.one_fit import Fitter
from zerotap.models.training.settings import TrainingSettings
from zerotap.reporting import no_progress

MESSAGES, WORDS, WORDS_A_MESSAGE = 16_000, 30_000, 15
PEOPLE, WINDOWS, FEATURES = 25, 1_300, 100
LINEAR_LIMIT_S, FOREST_LIMIT_S = 30.0, 10.0
KEY_NS = 100_000_000


def linear() -> Row:
    """A large linear table on typed messages: their words and n-grams, and the fit."""
    spec, split = model_spec("linear").variants.presets["large"].spec, typed_messages()
    fit(spec, *cut_windows(_first(split, 400), spec.pipeline, no_progress)[:1], 2)
    taken = timed(lambda: fit(spec, cut_windows(split, spec.pipeline, no_progress)[0], 2))
    return Row(f"{MESSAGES:,} messages, {spec.pipeline.buckets - 1:,} buckets", *taken, LINEAR_LIMIT_S)


def forest() -> Row:
    """Fifty trees on features of many people."""
    spec, windows = model_spec("forest"), drawn_features()
    fit(spec, windows, PEOPLE)
    taken = timed(lambda: fit(spec, windows, PEOPLE))
    of = f"50 trees on {WINDOWS:,} windows of {FEATURES} features, {PEOPLE} classes"
    return Row(of, *taken, FOREST_LIMIT_S)


def fit(spec: Family, windows: Windows, classes: int) -> None:
    """What `train` does once the windows are cut."""
    names = tuple(map(str, range(classes)))
    Fitter(spec, names, lambda *, is_needed: bytes(32), no_progress).fit(windows, TrainingSettings())


def typed_messages() -> Split:
    """Messages of words as frequent as in English (Zipf); each class has its own order of the rarer ones."""
    rng = np.random.default_rng(0)
    words = np.array(["".join(rng.choice(list("etaoinshrdlu"), rng.integers(2, 10))) for _ in range(WORDS)])
    chances = 1 / np.arange(1, WORDS + 1)
    orders = [np.arange(WORDS), np.concatenate([np.arange(200), 200 + rng.permutation(WORDS - 200)])]
    labelled = []
    for number in range(MESSAGES):
        drawn = rng.choice(WORDS, rng.poisson(WORDS_A_MESSAGE) + 1, p=chances / chances.sum())
        labelled.append((typed(" ".join(words[orders[number % 2][drawn]])), number % 2))
    return Split(labelled, labelled[:2], "drawn")


def typed(text: str) -> Recording:
    """Every key down and up again before the next."""
    downs = [bytes((0, 0, stroke.usage, *[0] * 5)) for each in text for stroke in US.sequences[each]]
    reports = [report for down in downs for report in (down, bytes(8))]
    return Recording.from_packets(Packet(at * KEY_NS, 0x81, report) for at, report in enumerate(reports))


def drawn_features() -> Windows:
    """Integers that differ by person, and from window to window by as much."""
    rng = np.random.default_rng(0)
    y = np.arange(WINDOWS) % PEOPLE
    habits = rng.normal(0, 300, (PEOPLE, FEATURES))
    x = np.rint(habits[y] + rng.normal(0, 300, (WINDOWS, FEATURES))).astype(np.int32)
    return Windows(x, y.astype(np.int64), np.arange(WINDOWS))


def _first(split: Split, count: int) -> Split:
    return Split(split.train[:count], split.test, split.note)
