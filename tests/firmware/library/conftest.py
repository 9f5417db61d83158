"""A model's folder that costs little, and its library."""

from pathlib import Path

import pytest
from drawn_forests import drawn_forest

from zerotap.features import Pipeline
from zerotap.features.integer_models import write_integer_model
from zerotap.features.transforms import CountWindows

PIPELINE = Pipeline("motion", (CountWindows(4, 1),), "samples", 6)


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A forest of three classes on four samples of three channels."""
    folder = tmp_path_factory.mktemp("motion")
    write_integer_model(drawn_forest(2, inputs=12, trees=3, limits=(-3000, 3000)), folder)
    (folder / "pipeline.toml").write_text(PIPELINE.to_toml())
    return folder
