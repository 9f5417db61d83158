"""A search: within its limits, without the test side, the same by the same seed, gone on with, shared."""

import json
import multiprocessing
import os
import shutil
import signal
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from postgres_server import postgres_server

import zerotap as zt
from zerotap.capture import generate_corpus, type_corpus
from zerotap.errors import DoesNotFitError, MissingExtraError, ModelError, OutputError
from zerotap.firmware import Budget, BuildOptions, export
from zerotap.interrupts import EndedBySignalError
from zerotap.models import load_trained
from zerotap.models.families.text import table
from zerotap.workflow import searching

OPTIONS = BuildOptions(budget=Budget(1 << 16, 1 << 13))
LATENCY_MS = 20.0
MODELS = ("linear",)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("typed") / "moods"
    return type_corpus(generate_corpus(60, 0), folder, seed=0, synthetic=True)


def searched(dataset, out, **changes):
    asked = {"latency_ms": LATENCY_MS, "trials": 4, "models": MODELS, **changes}
    return zt.search(dataset, out, asked.pop("options", OPTIONS), **asked)


@pytest.fixture(scope="module")
def found(dataset, tmp_path_factory):
    out = tmp_path_factory.mktemp("found") / "out"
    return out, searched(dataset, out)


def test_every_member_is_within_the_limits_as_it_was_linked_and_exact(found):
    _, result = found
    assert result.members
    for one in result.members:
        assert one.measured.flash_bytes <= OPTIONS.limits.flash_bytes
        assert one.measured.ram_bytes <= OPTIONS.limits.ram_bytes
        assert one.measured.ms <= LATENCY_MS
        assert one.measured.mismatches == 0
        assert one.measured.samples > 0
        assert one.measured.pushed > 0


def test_what_was_planned_is_what_was_measured(found):
    for one in found[1].members:
        measured = {key: getattr(one.measured, key) for key in one.planned}
        assert measured == one.planned


def test_the_members_are_the_front_by_validation(found):
    members = found[1].members
    scores = [one.validation_macro_f1 for one in members]
    cycles = [one.planned["cycles"] for one in members]
    assert scores == sorted(scores)
    assert cycles == sorted(cycles)
    assert found[1].best is members[-1]


def test_a_member_s_folder_is_a_model_s_and_is_exported_by_the_command_given(found, dataset, tmp_path):
    out, result = found
    one = result.best
    trained = load_trained(out / one.name, dataset)
    assert zt.evaluate(trained).macro_f1 == one.test["macro_f1"]
    assert one.export.split()[:3] == ["zerotap", "export", str(out / one.name)]
    report = export(out / one.name, tmp_path / "library", "found", OPTIONS).report
    assert report["flash_bytes"] == one.measured.flash_bytes


def test_search_json_is_what_was_returned(found):
    out, result = found
    told = json.loads((out / "search.json").read_text())
    assert told == json.loads(json.dumps(result.to_json()))
    assert (told["type"], told["version"]) == ("search", 1)
    assert told["trials"]["scored"] + told["trials"]["too_large"] + told["trials"]["other"] == 4
    assert (out / "front.svg").read_text().startswith("<?xml")


def test_one_process_and_one_seed_give_the_same(found, dataset, tmp_path):
    again = searched(dataset, tmp_path / "again")
    assert [replace(one, export="") for one in again.members] == [
        replace(one, export="") for one in found[1].members
    ]


def test_it_goes_on_where_it_ended_with_what_it_would_have_drawn(found, dataset, tmp_path):
    """Folders of members that are none any more are removed."""
    out = tmp_path / "parts"
    searched(dataset, out, trials=1)
    whole = searched(dataset, out, trials=3)
    assert [(one.name, one.validation_macro_f1) for one in whole.members] == [
        (one.name, one.validation_macro_f1) for one in found[1].members
    ]
    assert whole.counts.all == 4
    folders = {path.name for path in out.iterdir() if path.is_dir()}
    assert folders == {"trials", *(one.name for one in whole.members)}


class Untouchable:
    """A recording of the test side: whoever looks at it before the end fails."""

    def __init__(self, recording, is_over):
        self._recording, self._is_over = recording, is_over

    def __getattr__(self, name):
        assert self._is_over(), f"{name} of a test recording was read while the search went on"
        return getattr(self._recording, name)

    def __len__(self):
        assert self._is_over(), "a test recording was read while the search went on"
        return len(self._recording)


def test_the_test_side_is_not_looked_at_before_the_end(dataset, tmp_path, monkeypatch):
    steps, real = [], searching.split_recordings

    def guarded(*given):
        split = real(*given)
        guards = [(Untouchable(one, lambda: len(steps) == 2), label) for one, label in split.test]
        return replace(split, test=guards)

    monkeypatch.setattr(searching, "split_recordings", guarded)
    searched(dataset, tmp_path / "out", trials=2, on_step=steps.append)
    assert len(steps) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"latency_ms": 10.0},
        {"objective": "flash"},
        {"seed": 5},
        {"models": ("linear", "forest")},
        {"options": BuildOptions(budget=Budget(1 << 15, 1 << 13))},
    ],
    ids=["latency", "objective", "seed", "models", "flash"],
)
def test_a_study_of_something_else_is_refused(found, dataset, changes):
    with pytest.raises(ModelError, match="is of another"):
        searched(dataset, found[0], **changes)


def test_a_study_of_other_data_is_refused(found, tmp_path):
    other = type_corpus(generate_corpus(40, 1), tmp_path / "other", seed=0)
    with pytest.raises(ModelError, match="is of another dataset"):
        searched(other, found[0])


def test_an_impossible_budget_says_what_the_smallest_found_needs(dataset, tmp_path, monkeypatch):
    """And nothing is trained for it."""
    monkeypatch.setattr(table, "choose", lambda *_given: pytest.fail("it was trained"))
    tiny = BuildOptions(budget=Budget(1024, 1 << 13))
    with pytest.raises(
        DoesNotFitError, match=r"none of 4 models fits 1,024 B.*smallest found needs [\d,]+ B"
    ):
        searched(dataset, tmp_path / "out", options=tiny, trials=4, models=("linear",))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"trials": 0}, "0 trials would find nothing"),
        ({"trials": None, "timeout_s": 0.0}, "would find nothing"),
        ({"latency_ms": 0.0}, "longer latency"),
        ({"objective": "beauty"}, "choose one of cycles, flash"),
        ({"models": ("wood",)}, "choose one of dense"),
        ({"seed": -1}, "seed -1"),
        ({"storage": "postgresql://nobody@127.0.0.1:9/none"}, "cannot be used"),
        ({"storage": "what is this"}, "cannot be used"),
    ],
)
def test_impossible_values_are_one_sentence(dataset, tmp_path, changes, words):
    with pytest.raises(ModelError, match=words) as caught:
        searched(dataset, tmp_path / "out", **changes)
    assert "\n" not in str(caught.value)


def test_a_folder_of_something_else_is_left_alone(dataset, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").touch()
    with pytest.raises(OutputError, match="already holds something"):
        searched(dataset, tmp_path / "out")


def test_without_optuna_the_extra_is_named(dataset, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'zerotap\[search\]'"):
        searched(dataset, tmp_path / "out")


def test_without_matplotlib_there_is_no_picture_and_all_else(dataset, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    searched(dataset, tmp_path / "out", trials=1)
    assert (tmp_path / "out" / "search.json").is_file()
    assert not (tmp_path / "out" / "front.svg").exists()


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


def test_two_processes_share_one_study(dataset, tmp_path):
    """Each trial is one process's; a model of the front that the other has is trained again."""
    storage = f"sqlite:///{tmp_path / 'shared.sqlite3'}"
    told = _two_at_once(dataset, [tmp_path / "one", tmp_path / "other"], storage)
    numbers = [number for mine, _ in told for number in mine]
    assert sorted(numbers) == list(range(4))
    whole = searched(dataset, tmp_path / "one", storage=storage, trials=1)
    assert whole.counts.all == 5
    for one in whole.members:
        assert (tmp_path / "one" / one.name / "model.toml").is_file()


@pytest.mark.system("initdb", "pg_ctl", "postgres")
def test_two_processes_share_a_study_in_postgresql(dataset, tmp_path):
    with postgres_server() as url:
        told = _two_at_once(dataset, [tmp_path / "one", tmp_path / "other"], url)
        numbers = [number for mine, _ in told for number in mine]
        assert sorted(numbers) == list(range(4))
        whole = searched(dataset, tmp_path / "one", storage=url, trials=1)
        assert whole.counts.all == 5
        with pytest.raises(ModelError, match="is of another"):
            searched(dataset, tmp_path / "one", storage=url, trials=1, seed=3)
        beside = searched(dataset, tmp_path / "third", storage=url, trials=1, seed=3, study="beside")
        assert beside.counts.all == 1


def _killed(dataset, out):
    def note(step):
        if step.number:  # the one before is in the storage
            (out.parent / "step").touch()

    searched(dataset, out, trials=50, on_step=note)


def test_a_search_that_is_killed_loses_the_running_trial_alone(dataset, tmp_path):
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_killed, args=(str(dataset.path), tmp_path / "out"))
    process.start()
    while not (tmp_path / "step").exists():
        assert process.is_alive()
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    after = searched(dataset, tmp_path / "out", trials=2)
    assert after.counts.all >= 3
    assert after.members


def test_the_units_of_costs_are_of_every_length_and_the_longest(dataset):
    from zerotap.models import split_recordings
    from zerotap.reporting import no_progress
    from zerotap.workflow.board_plan import Units

    split = split_recordings(dataset, no_progress)
    units = Units.of(replace(split, test=[]), "message")
    lengths = np.array([len(recording) for recording, _ in split.train])
    assert lengths[units.places[-1]] == lengths.max()
    assert abs(lengths[list(units.places[:-1])].mean() / lengths.mean() - 1) < 0.05


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
    from zerotap.models import shown_url

    assert shown_url(url) == shown


@pytest.mark.parametrize(
    "url", ["postgresql://me:secret@127.0.0.1:9/db", "postgresql://me:[se@cret@127.0.0.1:9/db"]
)
def test_a_server_that_is_not_there_is_one_sentence_without_the_password(dataset, tmp_path, url):
    with pytest.raises(ModelError, match=r"postgresql://me:\*\*\*@127.0.0.1:9/db cannot be used") as caught:
        searched(dataset, tmp_path / "out", storage=url)
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
def test_a_file_of_something_else_is_no_study(dataset, tmp_path, make, said):
    make(tmp_path / "study.sqlite3")
    before = (tmp_path / "study.sqlite3").read_bytes()
    with pytest.raises(ModelError, match=said) as caught:
        searched(dataset, tmp_path / "out", storage=f"sqlite:///{tmp_path / 'study.sqlite3'}")
    assert "\n" not in str(caught.value)
    assert (tmp_path / "study.sqlite3").read_bytes() == before
    assert not (tmp_path / "out").exists()


def test_a_study_that_may_not_be_written_is_one_sentence(found, dataset, tmp_path):
    url = f"sqlite:///file:{found[0] / 'study.sqlite3'}?mode=ro&uri=true"
    with pytest.raises(ModelError, match=r"cannot be used .*readonly database.* may be written"):
        searched(dataset, tmp_path / "out", storage=url, study="new")


def test_a_storage_that_is_gone_in_the_middle_is_one_sentence(dataset, tmp_path):
    out = tmp_path / "out"

    def cut(_step):
        (out / "study.sqlite3").write_bytes(b"gone" * 40_000)

    with pytest.raises(ModelError, match=r"does not answer any more .*go on when it is back"):
        searched(dataset, out, trials=3, on_step=cut)


@pytest.mark.parametrize("end", [KeyboardInterrupt(), EndedBySignalError(signal.SIGINT)])
def test_ctrl_c_ends_a_search_with_what_was_found(dataset, tmp_path, end):
    def pressed(stage, _done, _total):
        if stage.startswith("trial 1"):
            raise end

    found = searched(dataset, tmp_path / "out", on_progress=pressed)
    assert [one.trial for one in found.members] == [0] and found.members[0].measured.mismatches == 0
    assert (tmp_path / "out" / "search.json").is_file()


@pytest.mark.parametrize(
    ("end", "trial"), [(EndedBySignalError(signal.SIGTERM), 1), (KeyboardInterrupt(), 0)]
)
def test_another_signal_or_nothing_found_ends_at_once(dataset, tmp_path, end, trial):
    def signalled(stage, _done, _total):
        if stage.startswith(f"trial {trial}"):
            raise end

    with pytest.raises(KeyboardInterrupt):
        searched(dataset, tmp_path / "out", on_progress=signalled)
    assert not (tmp_path / "out" / "search.json").exists()


def test_a_folder_has_the_models_of_one_study(found, dataset, tmp_path):
    """Numbers of trials are a study's own: another's 0 is another model, with other scores."""
    out = tmp_path / "out"
    shutil.copytree(found[0], out)
    with pytest.raises(ModelError, match="holds models of another study than 'beside'"):
        searched(dataset, out, study="beside", seed=5)
    (out / "study.sqlite3").unlink()
    with pytest.raises(ModelError, match="holds models of another study than 'search'"):
        searched(dataset, out, seed=5)
