"""A child process that dies is one sentence, and the next request has another."""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from zerotap.errors import DoesNotFitError, ModelError
from zerotap.isolation import DEFAULT_LIMITS, Limits, ask, asking, child

VERBS = "zerotap.tests.isolation.dying_verbs"


@pytest.fixture(autouse=True)
def other_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of these tests' own: TensorFlow's is kept for others."""
    monkeypatch.setattr(asking, "TENSORFLOW", "tests")


def _ask(verb: str, *arrays, limits: Limits | None = DEFAULT_LIMITS, **more):
    return ask(f"{VERBS}:{verb}", {"x": 1}, arrays, source="net.keras", isolation=limits, **more)


def test_values_and_arrays_of_every_kind_come_back_the_same() -> None:
    arrays = [
        np.arange(6, dtype=dtype).reshape(2, 3).swapaxes(0, 1) for dtype in ("i1", "u1", "f2", "f4", ">f8")
    ]
    seen = []
    answer = _ask("echo", *arrays, np.zeros((0, 4), np.float32), on_progress=lambda *said: seen.append(said))
    assert answer.values["x"] == 1 and answer.values["pid"] != os.getpid()
    assert seen == [("echoing", 1, 2)]
    for sent, got in zip(arrays, answer.arrays, strict=False):
        assert got.dtype == sent.dtype and np.array_equal(got, sent)
    assert answer.arrays[-1].shape == (0, 4)


def test_one_child_answers_again_and_again() -> None:
    assert _ask("echo").values["pid"] == _ask("echo").values["pid"]


def test_without_limits_it_is_this_process() -> None:
    assert _ask("echo", limits=None).values["pid"] == os.getpid()


@pytest.mark.parametrize(
    ("verb", "limits", "said"),
    [
        ("crash", Limits(), r"net\.keras: TensorFlow crashed on it \(SIGSEGV\)"),
        ("leave", Limits(), r"net\.keras: TensorFlow crashed on it \(its process ended with 3\)"),
        ("sleep", Limits(seconds=0.5), r"net\.keras: TensorFlow was stopped after 0\.5 s.*--time-limit"),
        ("swell", Limits(memory_bytes=1 << 30), r"net\.keras: .*more than 1 GiB.*--memory-limit"),
        ("abort_for_memory", Limits(), r"net\.keras: .*more than 4 GiB.*--memory-limit"),
        ("refuse", Limits(), r"net\.keras: .*cannot use it \(AttributeError: no such thing\)"),
    ],
)
def test_a_death_is_a_sentence_that_names_the_file_and_the_way_out(verb, limits, said) -> None:
    with pytest.raises(ModelError, match=said) as caught:
        _ask(verb, limits=limits)
    assert "\n" not in str(caught.value)
    assert _ask("echo").values["x"] == 1


def test_an_error_of_ours_is_raised_as_what_it_is() -> None:
    with pytest.raises(DoesNotFitError, match=r"net\.tflite: too large"):
        _ask("not_fit")


def test_what_a_library_prints_is_no_answer() -> None:
    assert "path" in _ask("print_much").values


def test_the_working_folder_is_no_place_to_look_for_modules_or_tools(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "numpy.py").write_text("open('PWNED', 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f":.:bin:{os.environ['PATH']}:")
    monkeypatch.setenv("PYTHONPATH", f":.:{os.pathsep.join(sys.path)}")
    monkeypatch.setattr(asking, "TENSORFLOW", "tests elsewhere")
    found = _ask("print_much").values
    assert not (tmp_path / "PWNED").exists()
    assert all(map(os.path.isabs, found["search"].split(":")))
    assert {"", ".", str(tmp_path)}.isdisjoint(found["path"])


def test_ctrl_c_ends_the_child_and_the_next_answer_is_its_own() -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = _ask("echo").values["pid"]
    with pytest.raises(KeyboardInterrupt):
        _ask("echo", on_progress=interrupt)
    after = _ask("echo", np.arange(3))
    assert after.values["pid"] != before and len(after.arrays) == 1


@pytest.mark.parametrize("wrong", [{"seconds": 0}, {"seconds": float("nan")}, {"memory_bytes": 1 << 20}])
def test_limits_that_nothing_can_keep_are_refused(wrong) -> None:
    with pytest.raises(ModelError, match="give"):
        Limits(**wrong)


def test_a_pickle_does_not_cross() -> None:
    with pytest.raises(ModelError):
        _ask("echo", np.array([object()]))


def test_what_a_child_keeps_for_a_while_goes_with_it(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    child._stop_all()
    with pytest.raises(ModelError, match="crashed"):
        _ask("litter_and_crash")
    assert list(tmp_path.iterdir()) == []
