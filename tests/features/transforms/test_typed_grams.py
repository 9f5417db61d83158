"""Words and their n-grams from the reports that type them."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture import US, Packet, Recording
from zerotap.errors import FeatureError
from zerotap.features import Pipeline, super_fast_hash
from zerotap.features.transforms.interface import run_stream
from zerotap.features.transforms.pad_ids import PadIds
from zerotap.features.transforms.typed_grams import TypedGrams
from zerotap.features.transforms.typed_words import BOOT_REPORT, TypedWords

STROKES = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 0, 0x02, 0x20, 0x01]),
        st.sampled_from([1, *range(0x04, 0x0A), 0x1E, 0x34, 0x2C, 0x2C, 0x28, 0x2A, 0x2A, 0x39, 0x62]),
        st.booleans(),
    ),
    max_size=120,
)
CASES = [
    TypedGrams(),
    TypedGrams(1 << 16, 1, 8, seed=3, split="spaces", layout="dvorak"),
    TypedGrams(50, 3, 4, words=False, word_max=3),
    TypedGrams(1, word_max=1),
]


def reports_of(typing, text: str) -> np.ndarray:
    """``text`` typed on a US keyboard; < stands for Backspace."""
    keys = {letter: (0x02 * stroke.shift, stroke.usage) for letter, stroke in US.strokes.items()}
    return typing([(*(keys | {"<": (0, 0x2A)})[letter], False) for letter in text])


def stated(word: str, grams: TypedGrams) -> list[int]:
    """The ids of one word as the docstring says them, one after the other."""
    marked = f" {word} "
    parts = [
        (marked[at : at + size], 2 * grams.seed + 1)
        for size in range(grams.least, grams.most + 1)
        for at in range(len(marked) - size + 1)
    ]
    features = [(word, 2 * grams.seed)] * grams.words + parts
    return [1 + super_fast_hash(part.encode(), seed) % grams.buckets for part, seed in features]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Anna sells", ["anna", "sells"]),
        ("a", ["a"]),
        ("free!! don't", ["free", "don't"]),
        ("prizs<e 1000", ["prize", "1000"]),
        (" .<", []),
        ("", []),
    ],
)
@pytest.mark.parametrize("grams", [TypedGrams(), TypedGrams(999, 1, 3, seed=5), TypedGrams(words=False)])
def test_ids_are_the_words_and_their_parts_between_marks_in_order(typing, typed, words, grams):
    expected = [one for word in words for one in stated(word, grams)]
    reports = reports_of(typing, typed)
    assert grams.batch(reports).tolist() == expected
    assert run_stream(grams.stream(BOOT_REPORT), reports) == expected


def test_equal_parts_give_an_id_each(typing):
    ids = TypedGrams(1 << 16, 2, 2, words=False).batch(reports_of(typing, "anana"))
    assert len(ids) == 6
    assert len(set(ids.tolist())) == 4  # " a", "an", "na", "a "


def test_a_cut_word_ends_in_its_mark(typing):
    grams = TypedGrams(word_max=3)
    assert grams.batch(reports_of(typing, "abcdef")).tolist() == stated("abc", grams)


@pytest.mark.parametrize("grams", CASES)
@given(STROKES)
def test_batch_equals_stream_on_what_is_typed(typing, grams, strokes):
    reports = typing(strokes)
    streamed = run_stream(grams.stream(BOOT_REPORT), reports)
    assert grams.batch(reports).tolist() == [int(result) for result in streamed]


@pytest.mark.parametrize("transform", [TypedGrams(), TypedGrams(64, seed=1, split="spaces"), TypedWords()])
@given(st.lists(STROKES, max_size=4))
def test_many_texts_at_once_are_as_one_by_one(typing, transform, texts):
    recordings = [typing(strokes) for strokes in texts]
    streamed = [[int(one) for one in run_stream(transform.stream(BOOT_REPORT), each)] for each in recordings]
    assert [ids.tolist() for ids in transform.batches(recordings)] == streamed


def test_a_pipeline_takes_many_texts_at_once(typing):
    texts = ["win a prize", "", "CAPS?"]
    recordings = [
        Recording.from_packets([Packet(n, 0x81, row.tobytes()) for n, row in enumerate(reports)])
        for reports in (reports_of(typing, f"{text} ") for text in texts)
    ]
    windows = Pipeline("grams", (TypedGrams(),)).transform([(one, 0) for one in recordings])
    expected = [stated(word, TypedGrams()) for word in ("win", "a", "prize")]
    assert windows.x[windows.groups == 0].tolist() == [one for ids in expected for one in ids]
    assert windows.x[windows.groups == 1].tolist() == [0]
    assert windows.x[windows.groups == 2].tolist() == stated("caps", TypedGrams())


@given(STROKES)
def test_words_have_the_ids_of_typed_words_at_seed_0(typing, strokes):
    reports = typing(strokes)
    grams = TypedGrams(4095, 8, 8, word_max=5)  # such words are too short for an n-gram of 8
    assert np.array_equal(grams.batch(reports), TypedWords(4095, word_max=5).batch(reports))


def test_seeds_let_other_words_share_a_bucket():
    words = [bytes([97 + first, 97 + second]) for first in range(26) for second in range(26)]
    ids = [TypedGrams(64, 8, 8, seed=seed).ids(words) for seed in range(8)]
    pairs = [one[:, None] == one for one in ids]
    together = [pairs[0] & other for other in pairs[1:]]
    # Of the pairs that share one of 64 buckets about one in 64 shares one at another seed too.
    shares = [(one.sum() - len(words)) / (pairs[0].sum() - len(words)) for one in together]
    assert max(shares) < 0.05


def test_a_pipeline_of_them_is_of_text_with_a_table(typing):
    pipeline = Pipeline("grams", (TypedGrams(4096, seed=2), PadIds(64)))
    assert (pipeline.kind, pipeline.buckets, pipeline.input_shape) == ("text", 4097, (64,))
    assert Pipeline.from_toml(pipeline.to_toml()) == pipeline
    reports = reports_of(typing, "win a prize")
    recording = Recording.from_packets([Packet(n, 0x81, row.tobytes()) for n, row in enumerate(reports)])
    windows = pipeline.transform([(recording, 0)])
    assert np.count_nonzero(windows.x[0]) == len(pipeline.stages[0].batch(reports))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"least": 0}, "choose 1 <= least <= most <= 8"),
        ({"least": 4, "most": 3}, "n-grams of 4 to 3 bytes"),
        ({"most": 9}, "n-grams of 2 to 9 bytes"),
        ({"seed": -1}, "seed -1 cannot be had"),
        ({"seed": 1 << 31}, "choose 0 to 2147483647"),
        ({"buckets": 0}, "choose 1 to 65536"),
        ({"word_max": 256}, "choose 1 to 255"),
        ({"layout": "german"}, "german.* has no table for a board"),
        ({"split": "lines"}, "split 'lines' is unknown"),
    ],
)
def test_other_values_are_refused(fields, message):
    with pytest.raises(FeatureError, match=message):
        TypedGrams(**fields)


def test_a_message_among_many_takes_well_under_a_millisecond(typing):
    reports = reports_of(typing, "free entry in a weekly competition to win cup final tickets, text now " * 2)
    grams = TypedGrams()
    times = []
    for _ in range(5):
        begin = time.process_time()
        grams.batches([reports] * 200)
        times.append(time.process_time() - begin)
    assert min(times) < 200 * 0.001
