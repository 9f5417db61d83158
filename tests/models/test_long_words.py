"""Words and labels of ten thousand characters: typed, learnt by a table, scored and told in 80 columns."""

import json

import pytest
from click.testing import CliRunner

from zerotap.capture import type_corpus
from zerotap.cli import cli
from zerotap.features import Pipeline, transforms
from zerotap.models import train

LONG = 10_000


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A table of a label that is as long as a word of every other text."""
    place = tmp_path_factory.mktemp("long")
    word, label = "w" * LONG, "x" * LONG
    texts = [
        (("b", label)[n % 2], f"{('no', 'yes')[n % 2]} {n} {word if n < 4 else 'short'}") for n in range(12)
    ]
    dataset = type_corpus(texts, place / "typed", seed=0, synthetic=True)
    small = Pipeline("small", (transforms.TypedGrams(512),))
    model = train(dataset, "linear", pipeline=small, head="binary", folds=2)
    model.save(place / "model")
    return place, model


def run(*words) -> str:
    done = CliRunner().invoke(cli, list(map(str, words)))
    assert done.exit_code == 0, done.output
    return done.stdout


def test_of_a_long_word_its_beginning_counts(trained):
    _, model = trained
    counts = (model.train.x != 0).sum(axis=1)
    assert counts.min() + 100 < counts.max() < 500


def test_scores_are_told_in_the_width_of_a_terminal(trained):
    place, _ = trained
    told = run("evaluate", place / "model", "--dataset", place / "typed", "--quiet")
    lines = [line for line in told.splitlines() if not line.startswith(str(place))]
    assert max(map(len, lines)) <= 80
    assert told.count("x") >= LONG
    scored = json.loads(run("evaluate", place / "model", "--dataset", place / "typed", "--quiet", "--json"))
    assert scored["labels"] == ["x" * LONG]


def test_its_library_names_the_label_in_full(trained, tmp_path):
    place, _ = trained
    run("export", place / "model", "--out", tmp_path / "lib", "--name", "m", "--compiler", "zig", "--quiet")
    assert f"| 0 | {'x' * LONG} |" in (tmp_path / "lib" / "README.md").read_text()
    assert f"The outputs: {'x' * LONG}. */" in (tmp_path / "lib" / "src" / "m.h").read_text()
