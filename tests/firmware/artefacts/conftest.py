"""Folders of tiny integer models, one of each way to be called."""

from pathlib import Path

import numpy as np
import pytest
from tiny_twins import TinyRows, TinyRowsTwin, TinyTableTwin

from zerotap.features import INTEGER_MODELS, PIPELINE_FILE, Pipeline, transforms, write_integer_model
from zerotap.firmware.integer_models import TWINS

PIPELINES = {
    "tiny.npz": Pipeline("ids", (transforms.TypedWords(63),)),
    "rows.npz": Pipeline.raw("bytes", 2, 2),
}


@pytest.fixture(autouse=True)
def registered(tiny_model, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both kinds, beside those that there are."""
    monkeypatch.setitem(INTEGER_MODELS, TinyRows.file_name, TinyRows)
    monkeypatch.setitem(TWINS, tiny_model.file_name, TinyTableTwin())
    monkeypatch.setitem(TWINS, TinyRows.file_name, TinyRowsTwin())


@pytest.fixture
def model_of(registered):
    """model_of(kind): the model of a file's name."""

    def made(kind: str):
        rng = np.random.default_rng(5)
        if kind == TinyRows.file_name:
            return TinyRows(rng.integers(-4, 5, 16, np.int8))
        weights = rng.integers(-300, 300, (64, 3), np.int16)
        weights[0] = 0
        return INTEGER_MODELS[kind](weights)

    return made


@pytest.fixture(params=PIPELINES)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def pipeline(kind: str) -> Pipeline:
    return PIPELINES[kind]


@pytest.fixture
def folder(kind: str, model_of, tmp_path: Path) -> Path:
    """A model's folder of the kind."""
    made = tmp_path / "model"
    made.mkdir()
    write_integer_model(model_of(kind), made)
    (made / PIPELINE_FILE).write_text(PIPELINES[kind].to_toml())
    return made
