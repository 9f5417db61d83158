"""A dataset of thousands of recordings: each file is opened once, whatever is asked of it."""

import os
from collections import Counter
from pathlib import Path

import pytest

from zerotap.capture import describe_dataset, generate_corpus, type_corpus
from zerotap.capture.files import reading
from zerotap.models import MODELS, split_windows

MANY = 20


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return type_corpus(generate_corpus(MANY), tmp_path_factory.mktemp("many") / "d")


@pytest.fixture
def opened(monkeypatch):
    """How many files of each kind are opened."""
    counts: Counter[str] = Counter()
    really = os.open

    def counted(path, *arguments, **options):
        counts["".join(Path(os.fsdecode(path)).suffixes)] += 1
        return really(path, *arguments, **options)

    monkeypatch.setattr(os, "open", counted)
    return counts


def test_info_opens_each_file_once_and_reads_it_in_one_look(dataset, opened, monkeypatch):
    monkeypatch.setattr(reading, "frames_in", lambda *_: pytest.fail("read as a foreign capture"))
    described = describe_dataset(dataset.path)
    assert [row["recordings"] for row in described["classes"]] == [MANY // 2, MANY // 2]
    assert opened == {".pcapng": MANY, ".labels.csv": MANY, ".toml": 1}


def test_windows_open_each_file_once(dataset, opened):
    train, test, _ = split_windows(dataset, MODELS["conv"].pipeline)
    assert set(train.groups) | set(test.groups) == set(range(MANY))
    assert opened == {".pcapng": MANY, ".labels.csv": MANY}


def test_labels_that_change_are_read_anew(dataset):
    entry = dataset.entries()[0]
    labels = entry.path.with_suffix(".labels.csv")
    before = labels.read_bytes()
    labels.write_bytes(before.replace(entry.label.encode(), b"other"))
    assert dataset.entries()[0].label == "other"
    labels.write_bytes(before)
    assert dataset.entries()[0] == entry
