"""Where a search's study is: shared by processes, a server's, gone, somebody else's; no password is shown."""

import multiprocessing
import sqlite3
from contextlib import closing

import pytest
from postgres_server import postgres_server
from searches import searched

from zerotap.errors import ModelError
from zerotap.models import load_optuna, shown_url


def _search_apart(dataset, out, storage, pipe):
    steps = []
    found = searched(dataset, out, storage=storage, trials=2, on_step=steps.append)
    pipe.send(([step.number for step in steps], [one.name for one in found.members]))


def _two_at_once(dataset, outs, storage):
    context = multiprocessing.get_context("spawn")
    ends = [context.Pipe() for _ in outs]
    parts = [
        context.Process(target=_search_apart, args=(str(dataset.path), out, storage, far))
        for out, (_, far) in zip(outs, ends, strict=True)
    ]
    for part in parts:
        part.start()
    for _, far in ends:
        far.close()  # a process that dies is then noticed
    told = [near.recv() for near, _ in ends]
    for part in parts:
        part.join()
    return told


@pytest.mark.thorough  # `make test-system` has two processes and PostgreSQL
def test_two_processes_share_one_study(moods, tmp_path):
    """Each trial is one process's; a model of the front that the other has is trained again."""
    storage = f"sqlite:///{tmp_path / 'shared.sqlite3'}"
    told = _two_at_once(moods, [tmp_path / "one", tmp_path / "other"], storage)
    numbers = [number for mine, _ in told for number in mine]
    assert sorted(numbers) == list(range(4))
    whole = searched(moods, tmp_path / "one", storage=storage, trials=1)
    assert whole.counts.all == 5
    for one in whole.members:
        assert (tmp_path / "one" / one.name / "model.toml").is_file()


@pytest.mark.system("initdb", "pg_ctl", "postgres")
def test_two_processes_share_a_study_in_postgresql(moods, tmp_path):
    with postgres_server() as url:
        told = _two_at_once(moods, [tmp_path / "one", tmp_path / "other"], url)
        numbers = [number for mine, _ in told for number in mine]
        assert sorted(numbers) == list(range(4))
        whole = searched(moods, tmp_path / "one", storage=url, trials=1)
        assert whole.counts.all == 5
        with pytest.raises(ModelError, match="is of another"):
            searched(moods, tmp_path / "one", storage=url, trials=1, seed=3)
        beside = searched(moods, tmp_path / "third", storage=url, trials=1, seed=3, study="beside")
        assert beside.counts.all == 1


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:secret@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me:secr#e/t?@host:5432/db", "postgresql://me:***@host:5432/db"),
        ("postgresql://me:[secret@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me:sec@ret@host/db", "postgresql://me:***@host/db"),
        ("postgresql://host/db?user=me&password=secret", "postgresql://host/db?user=me&password=***"),
        ("me:secret@host/db", "me:***@host/db"),
        ("postgresql://me@host:5432/db", "postgresql://me@host:5432/db"),
        ("sqlite:///a:b@c", "sqlite:///a:b@c"),
    ],
)
def test_a_password_is_not_shown(url, shown):
    assert shown_url(url) == shown


@pytest.mark.parametrize(
    "url", ["postgresql://me:secret@127.0.0.1:9/db", "postgresql://me:[se@cret@127.0.0.1:9/db"]
)
def test_a_server_that_is_not_there_is_one_sentence_without_the_password(moods, tmp_path, url):
    with pytest.raises(ModelError, match=r"postgresql://me:\*\*\*@127.0.0.1:9/db cannot be used") as caught:
        searched(moods, tmp_path / "out", storage=url)
    assert "cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def _garbage(path):
    path.write_bytes(b"garbage" * 1000)


def _foreign(path):
    with closing(sqlite3.connect(path)) as database:
        database.execute("create table studies (mine int)")
        database.commit()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_garbage, "cannot be used .*file is not a database"),
        (_foreign, "study.sqlite3 is a database of something else, .*: give a new file"),
    ],
)
def test_a_file_of_something_else_is_no_study(moods, tmp_path, make, said):
    make(tmp_path / "study.sqlite3")
    before = (tmp_path / "study.sqlite3").read_bytes()
    with pytest.raises(ModelError, match=said) as caught:
        searched(moods, tmp_path / "out", storage=f"sqlite:///{tmp_path / 'study.sqlite3'}")
    assert "\n" not in str(caught.value)
    assert (tmp_path / "study.sqlite3").read_bytes() == before
    assert not (tmp_path / "out").exists()


def test_a_study_that_may_not_be_written_is_one_sentence(moods, tmp_path):
    file = tmp_path / "study.sqlite3"
    load_optuna().create_study(storage=f"sqlite:///{file}", study_name="earlier")
    url = f"sqlite:///file:{file}?mode=ro&uri=true"
    with pytest.raises(ModelError, match=r"cannot be used .*readonly database.* may be written"):
        searched(moods, tmp_path / "out", storage=url, study="new")


def test_a_storage_that_is_gone_in_the_middle_is_one_sentence(moods, tmp_path):
    out = tmp_path / "out"

    def cut(_step):
        (out / "study.sqlite3").write_bytes(b"gone" * 40_000)

    with pytest.raises(ModelError, match=r"does not answer any more .*go on when it is back"):
        searched(moods, out, trials=3, on_step=cut)
