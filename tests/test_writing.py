"""Files and folders that appear whole or not at all."""

import os
import sys
from pathlib import Path

import pytest

from zerotap import writing
from zerotap.errors import OutputError
from zerotap.writing import (
    LOCK_FILE,
    check_apart,
    check_new_folder,
    check_writable,
    locked,
    move_all,
    new_file,
    new_folder,
    reserve_file,
)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_whole(tmp_path):
    with new_file(tmp_path / "out.txt") as path:
        path.write_text("half")
        assert not (tmp_path / "out.txt").exists()
        path.write_text("whole")
    assert (tmp_path / "out.txt").read_text() == "whole"
    assert _names(tmp_path) == ["out.txt"]


@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_a_block_that_raises_leaves_nothing(tmp_path, fault):
    with pytest.raises(fault), new_file(tmp_path / "new" / "deep" / "out.txt") as path:
        path.write_text("half")
        raise fault
    with pytest.raises(fault), new_folder(tmp_path / "new" / "out") as folder:
        (folder / "part").write_text("half")
        raise fault
    assert _names(tmp_path) == [], "the folders made for it are gone too"


@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt])
def test_a_block_that_raises_leaves_the_earlier_file(tmp_path, fault):
    (tmp_path / "out.txt").write_text("old")
    with pytest.raises(fault), new_file(tmp_path / "out.txt", replace=True) as path:
        path.write_text("half")
        raise fault
    assert (tmp_path / "out.txt").read_text() == "old" and _names(tmp_path) == ["out.txt"]


def test_the_name_meanwhile_is_not_to_be_guessed(tmp_path):
    folders = set()
    for _ in range(3):
        with new_file(tmp_path / "out.txt", replace=True) as path:
            path.write_text("")
            folders.add(path.parent)
            assert path.parent.parent == tmp_path, "a rename must not cross file systems"
    assert len(folders) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_private_files_are_their_owners_alone_from_the_first_byte(tmp_path):
    before = os.umask(0)
    try:
        with new_file(tmp_path / "private", private=True) as path:
            path.write_text("secret")
            assert path.parent.stat().st_mode & 0o777 == 0o700, "nobody else gets at it meanwhile"
        with new_file(tmp_path / "public") as path:
            path.write_text("open")
        assert reserve_file(tmp_path / "reserved", "secret")
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"private": 0o600, "public": 0o666, "reserved": 0o600}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_replacing_an_open_file_makes_it_private(tmp_path):
    (tmp_path / "out").write_text("old")
    (tmp_path / "out").chmod(0o644)
    with new_file(tmp_path / "out", private=True, replace=True) as path:
        path.write_text("new")
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600


def test_a_taken_name_stays_as_it_is(tmp_path):
    (tmp_path / "out").write_text("old")
    with pytest.raises(OutputError, match=r"out exists and is not overwritten"), new_file(tmp_path / "out"):
        pytest.fail("the block must not run")
    assert (tmp_path / "out").read_text() == "old"


@pytest.mark.parametrize("has_links", [True, False])
def test_a_name_that_is_taken_meanwhile_stays_as_it_is(tmp_path, monkeypatch, has_links):
    def refuse(*_paths):
        raise PermissionError(1, "no hard links here")

    if not has_links:
        monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(OutputError, match="exists"), new_file(tmp_path / "out") as path:
        path.write_text("new")
        (tmp_path / "out").write_text("came first")
    assert (tmp_path / "out").read_text() == "came first" and _names(tmp_path) == ["out"]


def test_a_file_system_without_hard_links_does_too(tmp_path, monkeypatch):
    def refuse(*_paths):
        raise PermissionError(1, "no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    with new_file(tmp_path / "out") as path:
        path.write_text("new")
    assert (tmp_path / "out").read_text() == "new" and _names(tmp_path) == ["out"]


def test_a_link_is_replaced_and_not_followed(tmp_path):
    (tmp_path / "other").write_text("not ours")
    (tmp_path / "out").symlink_to(tmp_path / "other")
    with new_file(tmp_path / "out", replace=True) as path:
        path.write_text("new")
    assert (tmp_path / "other").read_text() == "not ours"
    assert not (tmp_path / "out").is_symlink() and (tmp_path / "out").read_text() == "new"


def test_a_link_to_nowhere_takes_the_name(tmp_path):
    (tmp_path / "out").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="exists"), new_file(tmp_path / "out"):
        pytest.fail("the block must not run")
    with pytest.raises(OutputError, match="already holds something"), new_folder(tmp_path / "out"):
        pytest.fail("the block must not run")
    assert not reserve_file(tmp_path / "out", "content")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a folder that root cannot write")
def test_a_folder_that_takes_no_file_is_one_sentence():
    target = Path("/proc/out")
    for made in (new_file, new_folder):
        with pytest.raises(OutputError, match=r"^/proc/out cannot be written \(.+\): choose"), made(target):
            pytest.fail("the block must not run")
    with pytest.raises(OutputError, match=r"^/proc/out cannot be written \(.+\): choose"):
        reserve_file(target, "content")


def test_a_file_in_the_way_of_the_folder_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    for made in (new_file, new_folder):
        with pytest.raises(OutputError, match=r"out cannot be written \("), made(tmp_path / "file" / "out"):
            pytest.fail("the block must not run")


def test_a_name_too_long_is_one_sentence(tmp_path):
    long = tmp_path / ("x" * 300)
    with pytest.raises(OutputError, match="File name too long"), new_file(long) as path:
        path.write_text("")
    with pytest.raises(OutputError, match="File name too long"), new_folder(long):
        pytest.fail("the block must not run")
    with pytest.raises(OutputError, match="File name too long"):
        reserve_file(long, "")
    assert _names(tmp_path) == []


def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path):
    with pytest.raises(OutputError, match=r"out cannot be written \(disk full\)"), new_file(tmp_path / "out"):
        raise OSError("disk full")
    assert _names(tmp_path) == []


def test_it_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    synced: list[str] = []
    fsync = os.fsync

    def noted(number: int) -> None:
        path = Path(f"/proc/self/fd/{number}").readlink()
        synced.append(f"{path.name} {'named' if (tmp_path / 'out').exists() else 'unnamed'}")
        fsync(number)

    if not Path("/proc/self/fd").exists():
        pytest.skip("/proc tells what a file descriptor is")
    monkeypatch.setattr(os, "fsync", noted)
    with new_file(tmp_path / "out") as path:
        path.write_text("content")
    assert synced == ["out unnamed", f"{tmp_path.name} named"]


def test_a_reserved_name_is_anothers_no_more(tmp_path):
    assert reserve_file(str(tmp_path / "out"), "a,b\r\n")
    assert not reserve_file(tmp_path / "out", "other")
    assert (tmp_path / "out").read_bytes() == b"a,b\r\n"


@pytest.mark.parametrize("link", ["folder", "folder/file"])
def test_no_link_below_the_named_folder_is_followed_or_replaced(tmp_path, link):
    (tmp_path / "home" / "file").parent.mkdir()
    (tmp_path / "home" / "file").write_text("mine")
    (tmp_path / "theirs" / "folder").parent.mkdir()
    if link == "folder":
        (tmp_path / "theirs" / link).symlink_to(tmp_path / "home")
    else:
        (tmp_path / "theirs" / "folder").mkdir()
        (tmp_path / "theirs" / link).symlink_to(tmp_path / "home" / "file")
    file = tmp_path / "theirs" / "folder" / "file"
    made = new_file(file, replace=True, below=tmp_path / "theirs")
    with pytest.raises(OutputError, match=rf"{link} is a symbolic link"), made:
        pytest.fail("the block must not run")
    assert (tmp_path / "home" / "file").read_text() == "mine"
    assert _names(tmp_path / "home") == ["file"] and (tmp_path / "theirs" / link).is_symlink()


def test_the_named_folder_may_be_a_link_itself(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "named").symlink_to(tmp_path / "disk")
    with new_folder(tmp_path / "named") as folder:
        (folder / "part").write_text("content")
        assert folder.parent.parent == tmp_path
    assert (tmp_path / "named").is_symlink() and _names(tmp_path / "disk") == ["part"]
    with new_file(tmp_path / "named" / "file", below=tmp_path / "named") as path:
        path.write_text("content")
    assert _names(tmp_path / "disk") == ["file", "part"]


def test_the_folder_one_stands_in_stays_the_same(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with new_folder(".") as folder:
        (folder / "part").write_text("content")
    assert Path("part").read_text() == "content" and _names(tmp_path) == ["here"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a folder that root cannot write")
@pytest.mark.parametrize("place", ["/proc/out", "/proc/new/deep/out", "{}/file/out", "{}/" + "x" * 300])
def test_a_place_is_tried_before_the_work(tmp_path, place):
    (tmp_path / "file").write_text("in the way")
    for check in (check_writable, check_new_folder):
        with pytest.raises(OutputError, match="cannot be written"):
            check(place.format(tmp_path))
    assert _names(tmp_path) == ["file"]


def test_trying_a_place_leaves_nothing(tmp_path):
    check_writable(tmp_path / "new" / "deep" / "out")
    check_new_folder(tmp_path / "new" / "deep")
    assert _names(tmp_path) == []


def test_a_disk_is_no_new_folder():
    if not Path("/dev/shm").is_mount() or any(Path("/dev/shm").iterdir()):
        pytest.skip("needs an empty disk")
    with pytest.raises(OutputError, match="give a folder in it"):
        check_new_folder("/dev/shm")


def test_an_input_is_never_the_output(tmp_path):
    (tmp_path / "model").mkdir()
    for name in ("model/model.keras", "model/model.tflite", "x.npy"):
        (tmp_path / name).write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "x.npy")
    inputs = {"model": tmp_path / "model", "samples": str(tmp_path / "x.npy"), "dataset": None, "array": [1]}
    for out, said in {
        "model": "is the model itself",
        "model/../x.npy": "is the samples itself",
        "link": "is the samples itself",
        "model/model.keras": "is part of the model",
        "model/model.tflite": "is part of the model",
    }.items():
        with pytest.raises(OutputError, match=said):
            check_apart(tmp_path / out, inputs)
    check_apart(tmp_path / "model" / "new", inputs)
    check_apart(tmp_path / "other", inputs)
    check_apart(tmp_path / "model" / "model.tflite", inputs, but=tmp_path / "model" / "model.tflite")


@pytest.mark.parametrize("fault", [PermissionError, KeyboardInterrupt])
def test_files_are_moved_all_or_none(tmp_path, monkeypatch, fault):
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    replace = Path.replace

    def fail(path: Path, target: Path) -> Path:
        if path.name == "b":
            raise fault
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(fault):
        move_all([(tmp_path / "a", tmp_path / "in" / "c"), (tmp_path / "b", tmp_path / "in" / "d")])
    assert (tmp_path / "a").read_text() == "a" and (tmp_path / "b").read_text() == "b"
    assert _names(tmp_path / "in") == []


def test_one_at_a_time_is_in_a_locked_folder(tmp_path, monkeypatch):
    with locked(tmp_path):
        assert (tmp_path / LOCK_FILE).stat().st_mode & 0o777 == 0o600 or sys.platform == "win32"
        monkeypatch.setattr(writing, "PATIENCE_S", 0.02)
        with pytest.raises(OutputError, match="is being changed by another program"), locked(tmp_path):
            pytest.fail("the block must not run")
    with locked(tmp_path):
        pass
    assert _names(tmp_path) == []
    with pytest.raises(OutputError, match="is not there"), locked(tmp_path / "nowhere"):
        pytest.fail("the block must not run")
    (tmp_path / LOCK_FILE).symlink_to(tmp_path / "victim")
    with pytest.raises(OutputError, match="symbolic link"), locked(tmp_path):
        pytest.fail("the block must not run")
    assert not (tmp_path / "victim").exists()


class _OwnError(OutputError):
    """An error whose constructor takes other things than its sentence."""

    def __init__(self, place: Path, number: int) -> None:
        super().__init__(f"{place}: cannot write byte {number}")


@pytest.mark.parametrize("made", [new_file, new_folder])
def test_an_error_of_ours_names_the_target_and_stays_of_its_kind(tmp_path, made):
    with pytest.raises(_OwnError) as fault, made(tmp_path / "out") as path:
        raise _OwnError(path, 7)
    assert str(fault.value) == f"{tmp_path / 'out'}: cannot write byte 7"


def test_a_short_write_of_numpy_is_said_in_words(tmp_path):
    said = r"out cannot be written \(the disk took 2016 of 4608 numbers\): free some space"
    with pytest.raises(OutputError, match=said), new_file(tmp_path / "out"):
        raise OSError("4608 requested and 2016 written")


@pytest.mark.parametrize("made_before", [False, True])
def test_a_way_up_and_down_again_leads_where_it_says(tmp_path, monkeypatch, made_before):
    monkeypatch.chdir(tmp_path)
    if made_before:
        (tmp_path / "x").mkdir()
    with new_folder("x/../x") as made:
        (made / "file").write_text("whole")
    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))] == ["x", "x/file"]
    with new_file("y/../z/file") as made_file:
        made_file.write_text("whole")
    assert (tmp_path / "z" / "file").read_text() == "whole" and not (tmp_path / "y").exists()
