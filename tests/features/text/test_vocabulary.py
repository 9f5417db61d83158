"""`zerotap info DATASET --text`: vocabulary, bucket loads, collisions and cut words, counted by hand."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from zerotap.capture import type_corpus
from zerotap.cli import cli
from zerotap.errors import FeatureError
from zerotap.features.text.vocabulary import BUCKETS, bucket_loads, describe_text
from zerotap.features.text.words import WORD_MAX
from zerotap.features.transforms.whole_text import TypedText


@pytest.fixture
def dataset(tmp_path):
    long = "x" * (WORD_MAX + 1)
    messages = [("a", "one two two"), ("b", f"Two! {long} x" + "x" * (WORD_MAX - 1))]
    type_corpus(messages, tmp_path / "typed", seed=0, synthetic=True)
    return tmp_path / "typed"


def test_tokens_words_and_cuts_are_counted(dataset):
    report = describe_text(dataset)
    assert (report["tokens"], report["vocabulary"]) == (6, 4)
    assert report["most_common"][0] == "two"
    assert report["cut_share"] == 1 / 6
    assert [row["buckets"] for row in report["buckets"]] == list(BUCKETS)
    # Cut, the two long words are one.
    assert min(row["colliding_token_share"] for row in report["buckets"]) == 2 / 6


def test_bucket_loads_are_those_of_the_ids_that_models_see():
    words = {f"w{number}": number % 7 + 1 for number in range(700)}
    ids = {word: int(TypedText(256).ids(word)[0]) for word in words}
    shared = [word for word in words if sum(ids[word] == other for other in ids.values()) > 1]
    row = bucket_loads(words)[0]
    assert row["buckets"] == 256
    assert row["load"] == 700 / 256
    assert row["used_share"] == len(set(ids.values())) / 256
    assert row["colliding_token_share"] == sum(words[word] for word in shared) / sum(words.values())


def test_the_command_prints_it(dataset):
    result = CliRunner().invoke(cli, ["info", str(dataset), "--text", "--json"])
    assert json.loads(result.stdout) == describe_text(dataset)
    assert "colliding_token_share" in CliRunner().invoke(cli, ["info", str(dataset), "--text"]).output


def test_what_types_no_words_is_refused(tmp_path):
    with pytest.raises(FeatureError, match="no dataset"):
        describe_text(tmp_path / "missing")
    type_corpus([("a", "..."), ("b", "!")], tmp_path / "typed", seed=0, synthetic=True)
    with pytest.raises(FeatureError, match="no keyboard types a word"):
        describe_text(tmp_path / "typed")


def test_more_buckets_share_less():
    rows = bucket_loads({str(number): 1 for number in range(3000)})
    shares = [row["colliding_token_share"] for row in rows]
    assert np.all(np.diff(shares) < 0)
