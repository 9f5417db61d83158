"""Data that the tests of searches share."""

import pytest

from zerotap.capture import generate_corpus, type_corpus


@pytest.fixture(scope="session")
def moods(tmp_path_factory):
    """Sixty typed messages of two moods; tests only read it."""
    folder = tmp_path_factory.mktemp("typed") / "moods"
    return type_corpus(generate_corpus(60, 0), folder, seed=0, synthetic=True)
