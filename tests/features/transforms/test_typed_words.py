"""Words from the reports that type them: editing, cutting, and one rule for training and board."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture import LAYOUTS, US, Packet, Recording
from zerotap.capture.sources.typist import fold
from zerotap.errors import FeatureError
from zerotap.features import Pipeline
from zerotap.features.transforms.count_window import CountWindows
from zerotap.features.transforms.interface import Signal, run_stream
from zerotap.features.transforms.typed_words import BOOT_REPORT, TypedWords
from zerotap.features.transforms.whole_text import TypedText

BACKSPACE, LEFT, CAPS_LOCK, C, SPACE = 0x2A, 0x50, 0x39, 0x06, 0x2C
KEYPAD = [0x54, 0x58, 0x59, 0x62, 0x63, 0x64, 0x67]
STROKES = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 0, 0x02, 0x20, 0x01, 0x40]),
        st.sampled_from(
            [
                *KEYPAD,
                1,
                0x04,
                0x05,
                0x1D,
                0x1E,
                0x2D,
                0x34,
                SPACE,
                0x28,
                0x2B,
                BACKSPACE,
                LEFT,
                CAPS_LOCK,
                0x3A,
            ]
        ),
        st.booleans(),
    ),
    min_size=40,
    max_size=120,
)
SMALL = {"buckets": 50, "word_max": 3}
CASES = [
    TypedWords(),
    TypedWords(8192, "mask", split="spaces"),
    TypedWords(**SMALL, layout="dvorak"),
    TypedText(**SMALL),
    TypedText(bigrams=True, split="spaces", cleaning=("numbers",)),
]


def strokes(text: str):
    """Key strokes; < and > stand for Backspace and the left arrow, ^ for Ctrl+C, ~ for caps lock."""
    keys = {"<": (0, BACKSPACE), ">": (0, LEFT), "^": (1, C), "~": (0, CAPS_LOCK)}
    plain = {letter: (0x02 * stroke.shift, stroke.usage) for letter, stroke in US.strokes.items()}
    return [(*(plain | keys)[letter], False) for letter in text]


@pytest.mark.parametrize(
    ("typed", "runs", "spaces"),
    [
        ("one two", "one two", "one two"),
        ("Don't! 2b", "don't 2b", "don't! 2b"),
        ("onee< ", "one", "one"),
        ("a<<<b", "b", "b"),
        ("ab <<cd", "ab cd", "ab cd"),
        ("hi!<x", "hi x", "hix"),
        ("on>e", "on e", "on e"),
        ("on><<e", "on e", "on e"),
        (">on^e^", "on e", "on e"),
        ("on>!", "on", "on !"),
        ("~aB~c", "abc", "abc"),
        ("a\nb\tc", "a b c", "a b c"),
        ("", "", ""),
        (" .<", "", ""),
    ],
)
def test_backspace_edits_the_current_word_and_other_editing_keys_end_it(typing, typed, runs, spaces):
    reports = typing(strokes(typed))
    for split, words in (("runs", runs), ("spaces", spaces)):
        transform = TypedWords(1 << 16, "mask", split)
        expected = TypedText(1 << 16, split="spaces", non_ascii="drop").ids(words).tolist()
        assert transform.batch(reports).tolist() == expected
        assert run_stream(transform.stream(BOOT_REPORT), reports) == expected
        assert TypedText(1 << 16, split=split).batch(reports).tolist() == expected


def test_digits_of_the_keypad_are_letters_of_a_word_on_the_board_too(typing):
    keys = [(0, 0x59), (0, 0x5A), (0, 0x57), (0, 0x04), (0, 0x62), (0x02, 0x62), (0, 0x5B)]
    reports = typing([(*key, False) for key in keys])
    expected = TypedText(1 << 16).ids("12 a0 3").tolist()
    transform = TypedWords(1 << 16)
    assert transform.batch(reports).tolist() == expected
    assert run_stream(transform.stream(BOOT_REPORT), reports) == expected
    assert TypedText(1 << 16).batch(reports).tolist() == expected


@pytest.mark.parametrize("transform", CASES)
@given(STROKES)
def test_batch_equals_stream_on_what_is_typed(typing, transform, strokes):
    reports = typing(strokes)
    streamed = run_stream(transform.stream(BOOT_REPORT), reports)
    assert transform.batch(reports).tolist() == [int(result) for result in streamed]


@given(STROKES, st.integers(1, 1 << 16))
def test_the_board_and_the_host_only_form_agree(typing, strokes, buckets):
    reports = typing(strokes)
    assert np.array_equal(TypedWords(buckets).batch(reports), TypedText(buckets).batch(reports))


@given(STROKES)
def test_a_text_pipeline_takes_either_form_of_words(typing, strokes):
    reports = typing([*strokes, (0, 0x04, False)])
    recording = Recording.from_packets([Packet(n, 0x81, row.tobytes()) for n, row in enumerate(reports)])
    board, host = (
        Pipeline("words", (words, CountWindows(5, 2, 0.5))) for words in (TypedWords(99), TypedText(99))
    )
    assert board.kind == host.kind == "text"
    assert board.buckets == host.buckets == 100
    assert np.array_equal(board.transform([(recording, 0)]).x, host.transform([(recording, 0)]).x)
    assert Pipeline.from_toml(host.to_toml()) == host


def test_signed_ids_have_no_rows_in_a_table():
    pipeline = Pipeline("words", (TypedText(99, signed=True), CountWindows(5, 5)))
    with pytest.raises(FeatureError, match="signed ids"):
        _ = pipeline.buckets


def test_a_word_is_given_with_the_report_that_ends_it_and_three_may_end_in_one(typing):
    stream = TypedWords().stream(BOOT_REPORT)
    assert [len(stream.push(row)) for row in typing(strokes("ab "))] == [0, 0, 0, 0, 1, 0]
    stream.push(typing([(0, 0x09, False)])[0])
    crowd = np.array([0, 0, SPACE, 0x04, 0x36, 0x05, 0x37, 0x06], np.uint8)
    assert stream.push(crowd) == TypedText(4095).ids("f a b").tolist()
    assert stream.flush() == TypedText(4095).ids("c").tolist()
    assert stream.flush() == []


def test_backspace_counts_letters_beyond_the_cut(typing):
    transform = TypedWords(word_max=3)
    reports = typing(strokes("abcdef<<<<xyz"))
    assert transform.batch(reports).tolist() == TypedText(4095).ids("abx").tolist()
    assert run_stream(transform.stream(BOOT_REPORT), reports) == TypedText(4095).ids("abx").tolist()


def test_a_layout_of_more_than_a_board_holds_is_host_only(typing):
    german = [(0, LAYOUTS["german"].strokes[letter].usage, False) for letter in "größe"]
    expected = TypedText(99).ids("grosse").tolist()
    assert TypedText(99, layout="german").batch(typing(german)).tolist() == expected
    with pytest.raises(FeatureError, match=r"us, dvorak.*typed_text"):
        TypedWords(layout="german")


@pytest.mark.parametrize("name", LAYOUTS)
def test_each_layout_has_a_table_for_a_board_or_is_refused_by_name_and_typed_text_takes_it(typing, name):
    layout = LAYOUTS[name]
    text = "the Quick brown fox: 42 jumps, Über Ça va!"
    pressed = [stroke for letter in fold(text, layout)[0] for stroke in layout.sequences[letter]]
    reports = typing([(0x02 * stroke.shift | 0x40 * stroke.altgr, stroke.usage, False) for stroke in pressed])
    expected = TypedText(99).ids(text)
    on_host = TypedText(99, layout=name)
    assert np.array_equal(on_host.batch(reports), expected)
    assert run_stream(on_host.stream(BOOT_REPORT), reports) == expected.tolist()
    if layout.has_altgr or layout.dead_keys:
        with pytest.raises(FeatureError, match=rf"layout '{name}' has no table for a board.*us, dvorak"):
            TypedWords(layout=name)
    else:
        assert np.array_equal(TypedWords(99, layout=name).batch(reports), expected)


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"buckets": 0}, "choose 1 to 65536"),
        ({"buckets": (1 << 16) + 1}, "choose 1 to 65536"),
        ({"buckets": 12, "reduction": "mask"}, "power of two"),
        ({"split": "lines"}, "runs, spaces"),
        ({"word_max": 256}, "choose 1 to 255"),
    ],
)
def test_impossible_parameters_are_refused(parameters, says):
    with pytest.raises(FeatureError, match=says):
        TypedWords(**parameters)


@pytest.mark.parametrize("source", [Signal((7,), "uint8"), Signal((8,), "int8"), Signal((4, 8), "uint8")])
def test_other_than_boot_reports_are_refused(source):
    for transform in (TypedWords(), TypedText()):
        with pytest.raises(FeatureError, match="give it boot reports"):
            transform.output(source)
