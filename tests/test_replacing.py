"""Replacing an earlier export or demo: what was ours goes, what the user added stays."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from zerotap import replacing
from zerotap.errors import ModelError, OutputError
from zerotap.replacing import LIST_FILE, Kind, check_replaceable, list_again, replaceable_folder

KIND = Kind(
    "export",
    is_earlier=lambda folder: (folder / "net.h").is_file(),
    was_ours=lambda _folder, file: file.startswith(("net", "src/")),
)


def _write(out: Path, files: dict[str, str], force: bool = False, kind: Kind = KIND) -> None:
    with replaceable_folder(out, kind, force=force) as folder:
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)


def _tree(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != LIST_FILE)
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


@pytest.fixture
def out(tmp_path) -> Path:
    """An earlier export, to which the user has added a sketch and notes."""
    _write(tmp_path / "out", {"net.h": "1", "net.c": "1", "src/old.c": "1"})
    (tmp_path / "out" / "sketch.ino").write_text("my work")
    (tmp_path / "out" / "src" / "mine.c").write_text("my work")
    return tmp_path / "out"


def test_what_the_user_added_stays(out, tmp_path):
    _write(out, {"net.h": "2", "net.c": "1", "new/net.c": "2"}, force=True)
    assert _tree(out) == {
        "net.h": "2",
        "net.c": "1",
        "new/net.c": "2",
        "sketch.ino": "my work",
        "src/mine.c": "my work",
    }
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    _write(out, {"net.h": "3"}, force=True)
    assert set(_tree(out)) == {"net.h", "sketch.ino", "src/mine.c"}
    assert not (out / "new").exists(), "folders of ours that are empty go"


def test_what_the_user_changed_is_kept_under_another_name(out, caplog):
    (out / "net.c").write_text("patched")
    (out / "src" / "old.c").write_text("patched")
    _write(out, {"net.h": "2", "net.c": "2"}, force=True)
    assert _tree(out)["net.c"] == "2" and _tree(out)["net.c.yours"] == "patched"
    assert _tree(out)["src/old.c"] == "patched", "nothing took its place"
    assert "net.c was not as zerotap wrote it: it is kept as net.c.yours" in caplog.text
    (out / "net.c").write_text("patched again")
    _write(out, {"net.c": "2"}, force=True)
    assert _tree(out)["net.c.yours2"] == "patched again" and _tree(out)["net.c.yours"] == "patched"


def test_what_we_wrote_again_is_ours(out, caplog):
    (out / "net.h").write_text("drawn again")
    (out / "net.svg").write_text("drawn for the first time")
    (out / "net.c").write_text("patched")
    list_again(out, ["net.h", "net.svg"])
    _write(out, {"net.h": "2", "net.svg": "2", "net.c": "2"}, force=True)
    assert {name for name in _tree(out) if "yours" in name} == {"net.c.yours"}
    assert "net.h" not in caplog.text and _tree(out)["sketch.ino"] == "my work"


def test_a_folder_without_a_list_gets_none(tmp_path):
    (tmp_path / "net.h").write_text("drawn")
    list_again(tmp_path, ["net.h"])
    assert [path.name for path in tmp_path.iterdir()] == ["net.h"]
    (tmp_path / LIST_FILE).write_text("mine")
    list_again(tmp_path, ["net.h"])
    assert (tmp_path / LIST_FILE).read_text() == "mine"


def test_a_name_of_the_user_that_is_in_the_way_is_kept_too(out):
    (out / "lib").write_text("a file of mine")
    (out / "net.S").mkdir()
    (out / "net.S" / "note").write_text("in a folder of mine")
    _write(out, {"lib/net.c": "2", "net.S": "2"}, force=True)
    assert _tree(out)["lib/net.c"] == "2" and _tree(out)["lib.yours"] == "a file of mine"
    assert _tree(out)["net.S"] == "2" and _tree(out)["net.S.yours/note"] == "in a folder of mine"


def test_without_force_it_is_refused(out):
    before = _tree(out)
    with pytest.raises(ModelError, match="holds an earlier export: add --force"):
        check_replaceable(out, KIND, force=False)
    with pytest.raises(ModelError, match="--force"):
        _write(out, {"net.h": "2"})
    assert _tree(out) == before


@pytest.mark.parametrize("force", [False, True])
def test_other_things_and_other_kinds_are_refused(out, tmp_path, force):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter").write_text("my work")
    (tmp_path / "file").write_text("my work")
    demo = Kind("demo", lambda _: False, lambda *_: False)
    for place, kind in ((tmp_path / "thesis", KIND), (tmp_path / "file", KIND), (out, demo)):
        with pytest.raises(ModelError, match=f"holds other things than an earlier {kind.name}"):
            check_replaceable(place, kind, force)
    assert _tree(tmp_path / "thesis") == {"chapter": "my work"}


def test_the_list_is_one_that_sha256sum_checks(out):
    lines = (out / LIST_FILE).read_text().splitlines()
    assert lines[0].startswith("# What zerotap export wrote here")
    assert lines[1:] == [
        f"{hashlib.sha256(b'1').hexdigest()}  {file}" for file in ("net.c", "net.h", "src/old.c")
    ]
    done = subprocess.run(["sha256sum", "--quiet", "-c", LIST_FILE], cwd=out, capture_output=True, text=True)
    assert done.returncode == 0


def test_a_folder_of_0_1_has_no_list_but_a_rule(tmp_path):
    out = tmp_path / "out"
    for name in ("net.h", "net.c", "src/net.c", "notes.txt", "mine/sketch.ino"):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text("1")
    _write(out, {"net.h": "2"}, force=True)
    assert _tree(out) == {"net.h": "2", "notes.txt": "1", "mine/sketch.ino": "1"}
    assert (out / LIST_FILE).is_file()


def test_a_list_from_elsewhere_removes_nothing_outside(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".bashrc").write_text("good")
    out = tmp_path / "out"
    _write(out, {"net.h": "1"})
    good = hashlib.sha256(b"good").hexdigest()
    names = ["../home/.bashrc", str(tmp_path / "home" / ".bashrc"), "link/.bashrc", "a/../../home/.bashrc"]
    with (out / LIST_FILE).open("a") as file:
        file.writelines(f"{good}  {name}\n" for name in names)
    (out / "link").symlink_to(tmp_path / "home")
    with pytest.raises(OutputError, match="link is a symbolic link"):
        check_replaceable(out, KIND, force=True)
    (out / "link").unlink()
    _write(out, {"net.h": "2"}, force=True)
    assert (tmp_path / "home" / ".bashrc").read_text() == "good" and _tree(out)["net.h"] == "2"
    (out / "link").symlink_to(tmp_path / "home")
    with pytest.raises(OutputError, match="link is a symbolic link"):
        _write(out, {"link/new.c": "3"}, force=True)
    assert [path.name for path in (tmp_path / "home").iterdir()] == [".bashrc"]
    (out / LIST_FILE).unlink()
    (out / LIST_FILE).symlink_to(tmp_path / "home" / ".bashrc")
    with pytest.raises((ModelError, OutputError)):
        _write(out, {"net.h": "3"}, force=True)
    assert (tmp_path / "home" / ".bashrc").read_text() == "good"


@pytest.mark.parametrize("fault", [PermissionError, KeyboardInterrupt])
def test_all_of_the_earlier_comes_back_where_it_cannot_be_replaced(out, monkeypatch, fault):
    (out / "net.c").write_text("patched")
    before, replace = _tree(out), Path.replace

    def fail(path: Path, target: Path) -> Path:
        if path.name == "z.c":
            raise fault
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises((OutputError, KeyboardInterrupt)):
        _write(out, {"net.h": "2", "net.c": "2", "z.c": "2"}, force=True)
    assert _tree(out) == before
    monkeypatch.undo()
    _write(out, {"net.h": "3", "z.c": "3"}, force=True)
    assert _tree(out)["net.h"] == "3" and _tree(out)["net.c"] == "patched"


def test_a_power_cut_makes_nothing_of_ours_the_users(out, monkeypatch):
    def cut(moves):
        for old, new in list(moves)[:-1]:
            new.parent.mkdir(parents=True, exist_ok=True)
            old.replace(new)
        raise KeyboardInterrupt

    monkeypatch.setattr(replacing, "move_all", cut)
    with pytest.raises(KeyboardInterrupt):
        _write(out, {"a.c": "2", "net.h": "2", "z.c": "2"}, force=True)
    monkeypatch.undo()
    _write(out, {"net.h": "3"}, force=True)
    assert _tree(out) == {"net.h": "3", "sketch.ino": "my work", "src/mine.c": "my work"}


def test_a_list_within_counts_where_the_outer_one_names_it(tmp_path):
    """A demo holds libraries; one that was exported again is still the demo's, one of the user's is not."""
    demo = Kind("demo", lambda _: False, lambda *_: False)
    out = tmp_path / "demo"
    with replaceable_folder(out, demo) as folder:
        _write(folder / "dense" / "arduino", {"net.h": "1"})
    _write(out / "dense" / "arduino", {"net.h": "2"}, force=True)
    _write(out / "mine", {"net.h": "2"})
    with replaceable_folder(out, demo, force=True) as folder:
        (folder / "report.json").write_text("3")
    assert _tree(out) == {"report.json": "3", "mine/net.h": "2"}


def test_a_link_in_place_of_a_file_of_ours_is_found_before_the_work(out, tmp_path):
    (tmp_path / "elsewhere").write_text("good")
    (out / "net.c").unlink()
    (out / "net.c").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match=r"net\.c is a symbolic link"):
        check_replaceable(out, KIND, force=True)
    (out / "net.c").unlink()
    (out / "src").rename(tmp_path / "src")
    (out / "src").symlink_to(tmp_path / "src")
    with pytest.raises(OutputError, match="src is a symbolic link"):
        check_replaceable(out, KIND, force=True)
    assert (tmp_path / "elsewhere").read_text() == "good"


def test_a_list_that_is_a_pipe_keeps_nobody_waiting(tmp_path):
    (tmp_path / "out").mkdir()
    os.mkfifo(tmp_path / "out" / LIST_FILE)
    with pytest.raises(ModelError, match="holds other things"):
        check_replaceable(tmp_path / "out", KIND, force=True)
