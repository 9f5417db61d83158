"""A search: within its limits, without the test side, the same by the same seed, gone on with."""

import json
import multiprocessing
import os
import shutil
import signal
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from searches import LATENCY_MS, OPTIONS, searched

import zerotap as zt
from zerotap.capture import generate_corpus, type_corpus
from zerotap.errors import DoesNotFitError, MissingExtraError, ModelError, OutputError
from zerotap.firmware import Budget, BuildOptions, export
from zerotap.interrupts import EndedBySignalError
from zerotap.models import load_trained
from zerotap.models.families.text import table
from zerotap.workflow import searching


@pytest.fixture(scope="module")
def found(moods, tmp_path_factory):
    out = tmp_path_factory.mktemp("found") / "out"
    return out, searched(moods, out)


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


def test_a_member_s_folder_is_a_model_s_and_is_exported_by_the_command_given(found, moods, tmp_path):
    out, result = found
    one = result.best
    trained = load_trained(out / one.name, moods)
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


@pytest.mark.thorough  # the next finds the same models in two parts
def test_one_process_and_one_seed_give_the_same(found, moods, tmp_path):
    again = searched(moods, tmp_path / "again")
    assert [replace(one, export="") for one in again.members] == [
        replace(one, export="") for one in found[1].members
    ]


def test_it_goes_on_where_it_ended_with_what_it_would_have_drawn(found, moods, tmp_path):
    """Folders of members that are none any more are removed."""
    out = tmp_path / "parts"
    searched(moods, out, trials=1)
    whole = searched(moods, out, trials=3)
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


def test_the_test_side_is_not_looked_at_before_the_end(moods, tmp_path, monkeypatch):
    steps, real = [], searching.split_recordings

    def guarded(*given):
        split = real(*given)
        guards = [(Untouchable(one, lambda: len(steps) == 2), label) for one, label in split.test]
        return replace(split, test=guards)

    monkeypatch.setattr(searching, "split_recordings", guarded)
    searched(moods, tmp_path / "out", trials=2, on_step=steps.append)
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
def test_a_study_of_something_else_is_refused(found, moods, changes):
    with pytest.raises(ModelError, match="is of another"):
        searched(moods, found[0], **changes)


def test_a_study_of_other_data_is_refused(found, tmp_path):
    other = type_corpus(generate_corpus(40, 1), tmp_path / "other", seed=0)
    with pytest.raises(ModelError, match="is of another dataset"):
        searched(other, found[0])


def test_an_impossible_budget_says_what_the_smallest_found_needs(moods, tmp_path, monkeypatch):
    """And nothing is trained for it."""
    monkeypatch.setattr(table, "choose", lambda *_given: pytest.fail("it was trained"))
    tiny = BuildOptions(budget=Budget(1024, 1 << 13))
    with pytest.raises(
        DoesNotFitError, match=r"none of 4 models fits 1,024 B.*smallest found needs [\d,]+ B"
    ):
        searched(moods, tmp_path / "out", options=tiny, trials=4, models=("linear",))


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
def test_impossible_values_are_one_sentence(moods, tmp_path, changes, words):
    with pytest.raises(ModelError, match=words) as caught:
        searched(moods, tmp_path / "out", **changes)
    assert "\n" not in str(caught.value)


def test_a_folder_of_something_else_is_left_alone(moods, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").touch()
    with pytest.raises(OutputError, match="already holds something"):
        searched(moods, tmp_path / "out")


def test_without_optuna_the_extra_is_named(moods, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'zerotap\[search\]'"):
        searched(moods, tmp_path / "out")


def test_without_matplotlib_there_is_no_picture_and_all_else(moods, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    searched(moods, tmp_path / "out", trials=1)
    assert (tmp_path / "out" / "search.json").is_file()
    assert not (tmp_path / "out" / "front.svg").exists()


def _killed(moods, out):
    def note(step):
        if step.number:  # the one before is in the storage
            (out.parent / "step").touch()

    searched(moods, out, trials=50, on_step=note)


def test_a_search_that_is_killed_loses_the_running_trial_alone(moods, tmp_path):
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_killed, args=(str(moods.path), tmp_path / "out"))
    process.start()
    while not (tmp_path / "step").exists():
        assert process.is_alive()
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    after = searched(moods, tmp_path / "out", trials=2)
    assert after.counts.all >= 3
    assert after.members


def test_the_units_of_costs_are_of_every_length_and_the_longest(moods):
    from zerotap.models import split_recordings
    from zerotap.reporting import no_progress
    from zerotap.workflow.board_plan import Units

    split = split_recordings(moods, no_progress)
    units = Units.of(replace(split, test=[]), "message")
    lengths = np.array([len(recording) for recording, _ in split.train])
    assert lengths[units.places[-1]] == lengths.max()
    assert abs(lengths[list(units.places[:-1])].mean() / lengths.mean() - 1) < 0.05


@pytest.mark.parametrize("end", [KeyboardInterrupt(), EndedBySignalError(signal.SIGINT)])
def test_ctrl_c_ends_a_search_with_what_was_found(moods, tmp_path, end):
    def pressed(stage, _done, _total):
        if stage.startswith("trial 1"):
            raise end

    found = searched(moods, tmp_path / "out", on_progress=pressed)
    assert [one.trial for one in found.members] == [0] and found.members[0].measured.mismatches == 0
    assert (tmp_path / "out" / "search.json").is_file()


@pytest.mark.parametrize(
    ("end", "trial"), [(EndedBySignalError(signal.SIGTERM), 1), (KeyboardInterrupt(), 0)]
)
def test_another_signal_or_nothing_found_ends_at_once(moods, tmp_path, end, trial):
    def signalled(stage, _done, _total):
        if stage.startswith(f"trial {trial}"):
            raise end

    with pytest.raises(KeyboardInterrupt):
        searched(moods, tmp_path / "out", on_progress=signalled)
    assert not (tmp_path / "out" / "search.json").exists()


def test_a_folder_has_the_models_of_one_study(found, moods, tmp_path):
    """Numbers of trials are a study's own: another's 0 is another model, with other scores."""
    out = tmp_path / "out"
    shutil.copytree(found[0], out)
    with pytest.raises(ModelError, match="holds models of another study than 'beside'"):
        searched(moods, out, study="beside", seed=5)
    (out / "study.sqlite3").unlink()
    with pytest.raises(ModelError, match="holds models of another study than 'search'"):
        searched(moods, out, seed=5)
