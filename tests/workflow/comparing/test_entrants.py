"""Who is compared, by the names that are given."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from zerotap.capture import generate_corpus, type_corpus
from zerotap.errors import ModelError
from zerotap.models import commands, train
from zerotap.workflow.comparing.entrants import entrants_of

OWN = """
def build(pipeline, outputs):
    raise AssertionError
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    dataset = type_corpus(generate_corpus(20, 0), home / "moods", seed=0, synthetic=True)
    train(dataset, "linear").save(home / "mine")
    return home / "mine"


def test_families_presets_files_and_folders(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN)
    entrants = entrants_of(["conv", "conv:small", str(tmp_path / "own.py"), str(folder)])
    assert [one.name for one in entrants] == ["conv", "conv:small", "own", "mine"]
    assert [one.folder_name for one in entrants] == ["conv", "conv-small", "own", "mine"]
    assert [one.spec.family if one.spec else None for one in entrants] == ["conv", "conv", "user", None]
    assert entrants[1].spec is not None and entrants[1].spec.preset == "small"
    assert entrants[3].folder == folder


def test_a_family_is_meant_where_a_folder_has_its_name(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "linear").symlink_to(folder, target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    assert entrants_of(["linear"])[0].spec is not None
    assert entrants_of(["./linear"])[0].folder == Path("linear")


def test_without_a_name_those_that_are_compared_by_default() -> None:
    assert [one.name for one in entrants_of([])] == ["dense", "conv", "text"]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["nope"], "model 'nope' is unknown"),
        (["conv:nope"], "model conv has no preset 'nope'"),
        (["bag", "bag"], "bag and bag are both called bag"),
        (["conv:small", "{made}/conv-small"], "are both called conv-small"),
        (["{made}/report.json"], "rename it"),
        (["{made}/majority"], "rename it"),
        (["{made}/damaged"], "damaged is no trained model"),
        (["{made}/other"], r"other is no trained model \(it has no model.toml\)"),
        (["{made}/gone"], r"gone is no trained model \(it has no model.toml\)"),
    ],
)
def test_what_cannot_be_compared_is_told(names: list[str], said: str, folder: Path, tmp_path: Path) -> None:
    for name in ("conv-small", "report.json", "majority"):
        (tmp_path / name).symlink_to(folder, target_is_directory=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "model.toml").write_text("name = 3")
    with pytest.raises(ModelError, match=said):
        entrants_of([name.format(made=tmp_path) for name in names])


@pytest.mark.parametrize("names", [",", "linear,,bag", "linear, "])
def test_an_empty_name_is_no_wish_for_the_defaults(names: str, tmp_path: Path) -> None:
    words = ["compare", str(tmp_path), "--out", str(tmp_path / "out"), "--models", names]
    done = CliRunner().invoke(commands.compare, words[1:])
    assert done.exit_code == 2
    assert "has an empty name" in done.stderr
