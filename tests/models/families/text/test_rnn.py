"""The ancestor's bidirectional LSTM of 64: it never ran on its board; this one does, exactly."""

import pytest

from zerotap.capture import generate_corpus, type_corpus
from zerotap.firmware import BuildOptions
from zerotap.models import train
from zerotap.workflow import build


@pytest.mark.thorough
def test_the_wide_one_trains_quantises_fits_and_is_exact(tmp_path):
    dataset = type_corpus(generate_corpus(20, 0), tmp_path / "moods", seed=0, synthetic=True)
    trained = train(dataset, "rnn", preset="64", steps=4)
    library = build(trained, tmp_path / "out", name="moods", options=BuildOptions(compiler="zig"))
    assert library.report["samples"] == len(trained.test)
    assert library.report["mismatches"] == 0
    assert library.report["push"]["flash_bytes"] < 253_952
