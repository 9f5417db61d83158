"""The synthetic corpus is sound: distinct, balanced, and without a giveaway."""

from collections import Counter

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from zerotap.capture import generate_corpus
from zerotap.capture.datasets.generated_messages import DOINGS, LONGEST_TEXT, MOODS, MOST_MESSAGES, OPENINGS
from zerotap.features.text.words import split_words


@pytest.fixture(scope="module", params=[0, 1, 2])
def messages(request):
    return generate_corpus(1200, request.param)


def test_messages_are_distinct_short_and_typeable(messages):
    texts = [text for _, text in messages]
    assert len(set(texts)) == len(texts) == 1200
    assert max(map(len, texts)) <= LONGEST_TEXT
    assert set("".join(texts)) <= set("abcdefghijklmnopqrstuvwxyz ,")


def test_moods_are_balanced(messages):
    assert Counter(mood for mood, _ in messages) == {"calm": 600, "tense": 600}


def test_length_and_punctuation_tell_nothing(messages):
    features = [[len(t), t.count(","), t.count(" "), len(t.split()[0]), t.find(",")] for _, t in messages]
    assert cross_validated(features, messages) < 0.56


def test_no_single_word_decides(messages):
    seen = {
        mood: Counter(word for m, t in messages if m == mood for word in set(split_words(t)))
        for mood in MOODS
    }
    for words in (OPENINGS, DOINGS):
        for mood, other in (MOODS, MOODS[::-1]):
            contradicting = sum(seen[other][word] for word in words[mood])
            assert contradicting > 0.02 * sum(seen[mood][word] for word in words[mood])


def test_word_lists_have_the_same_lengths_in_both_moods_and_no_word_in_common():
    for words in (OPENINGS, DOINGS):
        assert list(map(len, words["calm"])) == list(map(len, words["tense"]))
        assert not set(words["calm"]) & set(words["tense"])


def test_the_words_together_do_tell(messages):
    vocabulary = sorted({word for _, text in messages for word in split_words(text)})
    counts = [[split_words(text).count(word) for word in vocabulary] for _, text in messages]
    assert cross_validated(counts, messages) > 0.95


def test_the_seed_decides():
    assert generate_corpus(50, 3) == generate_corpus(50, 3) != generate_corpus(50, 4)


def test_more_than_the_grammar_is_for_is_refused():
    with pytest.raises(ValueError, match="at most"):
        generate_corpus(MOST_MESSAGES + 1)


def cross_validated(features, messages) -> float:
    y = np.array([mood == "tense" for mood, _ in messages])
    return float(
        cross_val_score(LogisticRegression(max_iter=2000), np.array(features, float), y, cv=5).mean()
    )
