"""A search on a sensor's dataset: families of samples and of statistics, and costs of a window."""

from dataclasses import replace

import numpy as np
import pytest

import zerotap as zt
from zerotap.capture import Dataset, Packet, Recording
from zerotap.capture.sources.movements import MOVEMENTS, movement_samples
from zerotap.capture.sources.virtual import as_lines
from zerotap.errors import ModelError
from zerotap.models import load_trained

RATE_HZ = 50


@pytest.fixture(scope="module")
def moves(tmp_path_factory) -> Dataset:
    """Five takes of each movement, as a sketch prints them."""
    dataset = Dataset.create(tmp_path_factory.mktemp("moves") / "moves", synthetic=True)
    for name in MOVEMENTS:
        for take in range(5):
            lines = as_lines(movement_samples(name, RATE_HZ, take)[: 6 * RATE_HZ])
            times_ns = 10**18 + np.arange(len(lines)) * 10**9 // RATE_HZ
            packets = [Packet(int(at), 0x83, line) for at, line in zip(times_ns, lines, strict=True)]
            dataset.store(replace(Recording.from_packets(packets, name=name), transfer="bulk"), name, name)
    return Dataset.open(dataset.path)


def test_it_finds_models_of_windows(moves, tmp_path):
    found = zt.search(moves, tmp_path / "out", models=("linear", "forest"), trials=4)
    assert found.unit == "window"
    assert "what the packets of a window take" in found.to_json()["counted"]
    for one in found.members:
        pipeline = load_trained(tmp_path / "out" / one.name).pipeline
        assert pipeline.source == "numbers"
        assert one.measured.mismatches == 0
        window = next(stage for stage in pipeline.stages if stage.name == "windows")
        assert window.length in (RATE_HZ // 2, RATE_HZ, 2 * RATE_HZ)


def test_a_model_of_words_is_refused(moves, tmp_path):
    with pytest.raises(ModelError, match="model bag does not take what this dataset holds"):
        zt.search(moves, tmp_path / "out", models=("bag",), trials=1)
