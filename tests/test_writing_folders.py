"""Folders that appear whole or not at all, and finished work that is kept elsewhere where they cannot."""

from pathlib import Path

import pytest

from zerotap import writing
from zerotap.errors import OutputError
from zerotap.writing import check_new_folder, new_file, new_folder, write_or_keep


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_appears_when_it_is_whole(tmp_path, monkeypatch):
    synced: list[str] = []
    monkeypatch.setattr(writing, "_sync_file", lambda path: synced.append(path.name))
    (tmp_path / "out").mkdir()
    with new_folder(tmp_path / "out") as folder:
        (folder / "part").write_text("content")
        (folder / "deep").mkdir()
        (folder / "deep" / "other").write_text("content")
        assert _names(tmp_path / "out") == []
    assert sorted(synced) == ["other", "part"]
    assert (tmp_path / "out" / "part").read_text() == "content" and _names(tmp_path) == ["out"]


def test_a_folder_that_holds_something_is_refused_before_the_work(tmp_path):
    (tmp_path / "note").write_text("mine")
    for taken in (tmp_path, tmp_path / "note"):
        with pytest.raises(OutputError, match="already holds something: choose a new folder"):
            check_new_folder(taken)
        with pytest.raises(OutputError, match="already holds something"), new_folder(taken):
            pytest.fail("the block must not run")
    check_new_folder(str(tmp_path / "other"))


def test_an_empty_folder_stays_where_the_new_one_cannot_take_its_place(tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    replace = Path.replace

    def fail(path: Path, target: Path) -> Path:
        if path.name == "out" and path.parent != tmp_path:
            raise PermissionError(13, "Permission denied")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OutputError, match="Permission denied"), new_folder(tmp_path / "out"):
        pass
    assert _names(tmp_path) == ["out"]


def test_what_comes_into_an_empty_folder_meanwhile_stays(tmp_path):
    with pytest.raises(OutputError, match="already holds something"), new_folder(tmp_path / "out"):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "theirs").write_text("came first")
    assert _names(tmp_path / "out") == ["theirs"]


@pytest.fixture
def temporary(tmp_path_factory, monkeypatch) -> Path:
    """Where what cannot be written elsewhere is kept."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def _full(_path: Path) -> None:
    raise OSError(28, "No space left on device")


def test_finished_work_is_kept_elsewhere_and_said(tmp_path, temporary):
    def write(path: Path) -> None:
        with new_file(path) as made:
            (_full if path.parent == tmp_path else Path.touch)(made)

    with pytest.raises(
        OutputError, match=r"out cannot be written \(No space.*; what was made is in "
    ) as fault:
        write_or_keep(tmp_path / "out", write)
    kept = Path(str(fault.value).rpartition(" ")[2])
    assert kept.is_file() and kept.parent.parent == temporary and _names(tmp_path) == []


def test_where_nothing_can_be_kept_nothing_is_left(tmp_path, temporary):
    def write(path: Path) -> None:
        with new_file(path) as made:
            _full(made)

    with pytest.raises(
        OutputError, match=r"out cannot be written \([^;]*\): free some space, or choose another place$"
    ):
        write_or_keep(tmp_path / "out", write)
    assert _names(temporary) == []


@pytest.mark.parametrize("when", ["filling", "placing"])
def test_a_folder_that_cannot_be_written_is_kept_elsewhere(tmp_path, temporary, monkeypatch, when):
    if when == "placing":
        monkeypatch.setattr(writing, "_take_place", lambda made, _target: _full(made))
    made = new_folder(tmp_path / "out", keep=True)
    said = r"/out(/more)? cannot be written.*; what was made is in "
    with pytest.raises(OutputError, match=said) as fault, made as folder:
        (folder / "part").write_text("hours of work")
        if when == "filling":
            with new_file(folder / "more") as more:
                _full(more)
    assert "/.zerotap-" not in str(fault.value), "the name is the one that the user knows"
    kept = Path(str(fault.value).rpartition(" ")[2])
    assert (kept / "part").read_text() == "hours of work" and _names(tmp_path) == []


def test_a_folder_that_vanished_is_one_sentence(tmp_path):
    with pytest.raises(OutputError, match="out cannot be written"), new_folder(tmp_path / "out") as folder:
        (folder / "part").write_text("content")
        import shutil

        shutil.rmtree(folder.parent)
    assert _names(tmp_path) == []


def test_a_disk_that_takes_names_alone_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "write_bytes", lambda path, _content: _full(path))
    with pytest.raises(OutputError, match="out cannot be written"):
        check_new_folder(tmp_path / "out")
    assert _names(tmp_path) == []
