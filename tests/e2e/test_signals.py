"""A signal ends a command as Ctrl-C does: nothing half made stays, and a retry is not refused."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


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
    assert running.returncode == 1 and "Aborted!" in said and "Traceback" not in said
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
