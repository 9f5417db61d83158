"""A signal ends a command as Ctrl-C does: nothing half made stays, and a retry is not refused."""

import math
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

import pytest

from zerotap import cli, reporting
from zerotap.isolation.process import _INSIDE
from zerotap.models.training import checkpoints

NUMBERS = [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)]


def _begin(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    (folder / "tmp").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "zerotap", *arguments]
    pipe, environment = subprocess.PIPE, {**os.environ, "TMPDIR": str(folder / "tmp")}
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True)


def _wait_for_scratch(folder: Path, files: int) -> None:
    until_s = time.monotonic() + 60
    # os.walk minds no folder that vanishes under it, as those for trying a place do.
    while sum(name.endswith(".pcapng") for _, _, names in os.walk(folder) for name in names) < files:
        assert time.monotonic() < until_s
        time.sleep(0.01)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends programs otherwise")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_nothing_half_made(tmp_path, number):
    rows = "".join(f"{'ab'[n % 2]},hello number {n}\n" for n in range(20_000))
    (tmp_path / "big.csv").write_text(f"label,text\n{rows}")
    running = _begin(tmp_path, "type", "big.csv", "--dataset", "typed")
    _wait_for_scratch(tmp_path, random.Random(number).randrange(20))
    running.send_signal(number)
    running.send_signal(number)  # an impatient second one does not cut the clean-up short
    _, said = running.communicate(timeout=60)
    assert running.returncode == 128 + number and "Aborted!" in said and "Traceback" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["big.csv", "tmp"]
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no hang-up")
def test_a_hang_up_that_nohup_ignores_stays_ignored(tmp_path):
    (tmp_path / "some.csv").write_text("label,text\n" + "a,hello\n" * 200)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        running = _begin(tmp_path, "type", "some.csv", "--dataset", "typed")
    finally:
        signal.signal(signal.SIGHUP, before)
    _wait_for_scratch(tmp_path, 1)
    running.send_signal(signal.SIGHUP)
    running.communicate(timeout=60)
    assert running.returncode == 0 and (tmp_path / "typed" / "zerotap.toml").is_file()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """What the commands are given, made by two of them; everything here runs in this process."""
    folder = tmp_path_factory.mktemp("made")
    rows = "".join(f"{'ab'[n % 2]},hello {n}\n" for n in range(24))
    (folder / "messages.csv").write_text(f"label,text\n{rows}")
    patch = pytest.MonkeyPatch()
    for words in (
        "type messages.csv --dataset data",
        "train --dataset data --model dense --epochs 1 --out model",
    ):
        assert _run(patch, folder, words) == 0
    shutil.copytree(folder / "model", folder / "quantised")
    assert _run(patch, folder, "quantise quantised --dataset data") == 0
    return folder


def _run(patch, folder: Path, words: str) -> int:
    with patch.context() as here:
        here.chdir(folder)
        here.setattr(sys, "argv", ["zerotap", *words.split()])
        here.setenv("TF_CPP_MIN_LOG_LEVEL", "0")  # descriptor 2 stays
        here.setenv(_INSIDE, "tensorflow")  # TensorFlow is loaded once
        before = {number: signal.getsignal(number) for number in NUMBERS}
        try:
            cli.main()
        except SystemExit as end:
            return end.code or 0
        finally:  # a command that was ended hears no more signals
            for number, handler in before.items():
                signal.signal(number, handler)
    return 0


def _contents(folder: Path) -> dict[Path, bytes | None]:
    return {path: path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


def _raise_at(stage: int, number: int):
    """A reporter that is sent the signal when the stage of that number, from 0, begins."""

    def reporter():
        seen: list[str] = []

        def report(name: str, _done: int, _total: int) -> None:
            if name.partition(":")[0] not in seen:
                seen.append(name.partition(":")[0])
                if len(seen) == stage + 1:
                    signal.raise_signal(number)

        return report

    return reporter


@pytest.mark.parametrize(
    ("words", "stages"),
    [
        ("type messages.csv --dataset out", 1),
        ("train --dataset data --model dense --epochs 1 --out trained", 5),
        ("export quantised --out exported --name mood", 2),
        # What writes nothing:
        pytest.param("verify quantised --dataset data", 3, marks=pytest.mark.thorough),
        pytest.param("verify quantised --on simulated", 4, marks=pytest.mark.thorough),
        ("quantise model --dataset data", 3),
    ],
)
def test_a_signal_at_the_boundary_of_any_stage_leaves_what_was_there(
    made, tmp_path, monkeypatch, capsys, words, stages
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(checkpoints, "EVERY_S", math.inf)  # what a slow machine kept would rightly stay
    before = _contents(made)
    for stage in count():
        number = NUMBERS[stage % len(NUMBERS)]
        monkeypatch.setattr(reporting, "_plain_lines", _raise_at(stage, number))
        if (code := _run(monkeypatch, made, words)) == 0:
            break
        assert code == 128 + number
        assert "Traceback" not in capsys.readouterr().err
        assert _contents(made) == before
        assert list(tmp_path.iterdir()) == []
    assert stage >= stages
