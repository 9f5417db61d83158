"""A pickle stays closed, whatever it is given to: it would run what is in it."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from zerotap.cli import cli
from zerotap.errors import ModelError
from zerotap.firmware import open_artefact


class Trap:
    """Leaves a file behind where it is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["forest.pkl", "forest.pickle", "FOREST.JOBLIB"])
@pytest.mark.parametrize(
    "verb",
    [["analyse"], ["verify"], ["quantise", "--samples", "x.npy"], ["export", "--out", "o", "--name", "m"]],
)
def test_no_verb_opens_one(name, verb, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", np.zeros((4, 8), np.float32))
    sprung = tmp_path / "sprung"
    Path(name).write_bytes(pickle.dumps(Trap(sprung)))
    result = CliRunner().invoke(cli, [verb[0], name, *verb[1:]])
    assert isinstance(result.exception, ModelError)
    assert f"{name} is not opened" in str(result.exception) and "forest_from" in str(result.exception)
    with pytest.raises(ModelError, match="is not opened"):
        open_artefact(name)
    assert not sprung.exists()
