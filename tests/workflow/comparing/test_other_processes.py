"""Processes that train beside this one: who has what, and what happens where one fails."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from zerotap.capture import generate_corpus, type_corpus
from zerotap.firmware import TFLITE_FILE, BuildOptions, read_tflite
from zerotap.foreign import quantise_trained
from zerotap.models import train
from zerotap.reporting import no_progress
from zerotap.workflow.comparing import making
from zerotap.workflow.comparing.compare_models import compare_into
from zerotap.workflow.comparing.entrants import entrants_of
from zerotap.workflow.comparing.other_processes import Claims, other_processes
from zerotap.workflow.comparing.results import others_for
from zerotap.workflow.comparing.task import Asked

CORES = os.cpu_count() or 1
SHA256_LETTERS = 64


def test_the_first_that_claims_a_key_has_it(tmp_path: Path) -> None:
    one, other = Claims(tmp_path), Claims(tmp_path)
    assert one.take("a") and not other.take("a") and other.take("b") and not one.take("b")
    assert Claims(None).take("a") and Claims(None).take("a")


def test_nobody_waits_for_a_process_that_failed(tmp_path: Path) -> None:
    begun = time.monotonic()
    with other_processes(tmp_path / "nowhere", Asked(), tmp_path, 1) as claims:
        claims.wait(tmp_path / "never")
        (process,) = claims.processes
        assert process.poll() not in (0, None)
    assert time.monotonic() - begun < 60
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_is_at_work_ends_with_the_block(tmp_path: Path) -> None:
    with other_processes(tmp_path, Asked(), tmp_path, 1) as claims:
        (process,) = claims.processes
    assert process.poll() is not None


def test_what_is_finished_is_not_waited_for(tmp_path: Path) -> None:
    sleeping = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        Claims(tmp_path, [sleeping]).wait(tmp_path)
    finally:
        sleeping.kill()
        sleeping.wait()


@pytest.mark.skipif(CORES < 2, reason="one core")
def test_another_process_is_worth_it_for_networks_alone() -> None:
    assert others_for(entrants_of(["linear", "linear:large"]), 2) == 0
    assert others_for(entrants_of(["linear", "bag"]), 2) == 0
    assert others_for(entrants_of(["bag", "conv"]), 2) == 1
    assert others_for(entrants_of(["bag", "conv", "dense"]), 1) == 0
    assert others_for(entrants_of(["bag", "conv", "dense"]), 99) == min(3, CORES) - 1


def constants(path: Path) -> list[NDArray[Any]]:
    """Weights and biases; the names of layers count on from model to model of a process."""
    return [tensor.data for tensor in read_tflite(path).tensors if tensor.data is not None]


@pytest.mark.skipif(CORES < 2, reason="one core")
def test_two_processes_train_what_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last one is trained elsewhere, to the same weights; everything in its place."""
    dataset = type_corpus(generate_corpus(24, 0), tmp_path / "moods", seed=0, synthetic=True)
    here: list[str] = []
    part, unfinished = tmp_path / "out", tmp_path / "unfinished"
    part.mkdir()
    unfinished.mkdir()

    def counted(split, data, spec, *others, **options):  # type: ignore[no-untyped-def]
        here.append(spec.family)
        deadline = time.monotonic() + 120
        while claimed() < len(names) and time.monotonic() < deadline:
            time.sleep(0.05)
        return train_on(split, data, spec, *others, **options)

    def claimed() -> int:
        return len([file for file in unfinished.glob(".zerotap-*/*") if len(file.name) == SHA256_LETTERS])

    train_on = making.train_on
    monkeypatch.setattr(making, "train_on", counted)
    names, zig = ("bag", "hashed-dense"), BuildOptions(compiler="zig")
    asked = Asked(names, seeds=1, shares=(), weight_bits=(), jobs=2, options=zig)
    entrants = entrants_of(names)
    comparison = compare_into(part, dataset, asked, entrants, unfinished, unfinished, no_progress)
    assert here == ["bag"]
    assert [model.name for model in comparison.models] == ["bag", "hashed-dense"]
    here_too = tmp_path / "again.tflite"
    here_too.write_bytes(quantise_trained(train(dataset, "hashed-dense")))
    found, again = constants(part / "hashed-dense" / TFLITE_FILE), constants(here_too)
    assert len(found) == len(again) > 3
    assert all(np.array_equal(one, other) for one, other in zip(found, again, strict=True))
