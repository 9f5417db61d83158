"""SIGINT, SIGTERM and SIGHUP at seeded moments of every long command, and what each of them leaves.

    python benchmarks/faults/signals.py train export --moments 20 --seed 1

Without names all commands. Nothing may be left but what was there, or the whole result; no process, nothing
in TMPDIR, no traceback; the exit code is 128 and the signal's number. Adds its rows to results.json and
writes the table of README.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from zerotap.capture import Dataset

HERE = Path(__file__).parent
NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COMMANDS = {
    "type": "type messages.csv --dataset out",
    "import": "import capture.pcapng --label c --dataset out",
    "train": "train --dataset data --model dense --epochs 2 --out out",
    "quantise": "quantise model --dataset data",
    "export": "export quantised --out out --name mood",
    "export --force": "export quantised --out earlier --name mood --force",
    "verify": "verify quantised --dataset data",
    "compare": "compare data --models text --seeds 1 --out out",
    "demo": "demo --messages 600 --out out",
}
MARK = "ZEROTAP_SWEEP"
"""In the environment of what is started, and of all that it starts."""
PATIENCE_S = 120

Files = dict[str, str]


def arguments_of() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("commands", nargs="*", choices=[[], *COMMANDS], metavar="COMMAND")
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def start(folder: Path, command: str, mark: str) -> subprocess.Popen[str]:
    """Begin a command in ``folder`` with a TMPDIR of its own."""
    (folder / "tmp").mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(folder / "tmp"), MARK: mark}
    return subprocess.Popen(
        [sys.executable, "-m", "zerotap", *command.split()],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(folder: Path, command: str) -> float:
    """Run a command to its end, which is to be a good one; return the seconds it took."""
    began_s = time.monotonic()
    running = start(folder, command, "0")
    out, err = running.communicate()
    if running.returncode:
        raise SystemExit(f"{command}: exit {running.returncode}\n{out}{err}")
    return time.monotonic() - began_s


def prepare(folder: Path) -> None:
    """Make what the commands are given: messages, a capture, a dataset, models, an earlier export."""
    rows = "".join(f"{'ab'[n % 2]},hello number {n}\n" for n in range(120))
    (folder / "messages.csv").write_text(f"label,text\n{rows}", encoding="utf-8")
    finish(folder, "type messages.csv --dataset data")
    Dataset.open(folder / "data").secret()  # a model of words makes it, and it stays
    shutil.copy(next((folder / "data" / "recordings").glob("*.pcapng")), folder / "capture.pcapng")
    finish(folder, "train --dataset data --model dense --epochs 1 --out model")
    shutil.copytree(folder / "model", folder / "quantised")
    finish(folder, "quantise quantised --dataset data")
    finish(folder, "export quantised --out earlier --name mood")


def contents(folder: Path) -> Files:
    """Every path below ``folder``, with a digest where it is a file."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
    }


def left_running(mark: str) -> list[str]:
    """The processes that bear ``mark``; those on their way out get a moment."""
    for _ in range(20):
        if not (found := list(_marked(f"{MARK}={mark}".encode()))):
            return []
        time.sleep(0.05)
    return found


def _marked(entry: bytes) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if entry in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:80])
        except OSError:
            continue
    return found


def faults_of(before: Files, after: Files, whole: Files, code: int, number: int, err: str) -> list[str]:
    """What a signal may not leave."""
    faults = [f"said {word}" for word in ("Traceback", "Exception ignored") if word in err]
    if code not in (0, 128 + number, -number):
        faults.append(f"exit {code}")
    changed = [path for path in before if after.get(path) not in (before[path], whole.get(path))]
    return faults + [f"changed {path}" for path in changed[:3]]


def left_over(folder: Path, command: str, before: Files, after: Files, whole: Files) -> list[str]:
    """What was left in the way of a retry, or beside its result; an empty dataset, say, is not."""
    left = sorted(after.keys() ^ before.keys())[:5]
    running = start(folder, command, "0")
    running.communicate()
    return [] if running.returncode == 0 and contents(folder).keys() == whole.keys() else [f"left {left}"]


def one_moment(made: Path, command: str, whole: Files, moment_s: float, number: int) -> dict[str, object]:
    """Send one signal ``moment_s`` after the start; return what came of it."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, mark = Path(scratch) / "work", str(random.random())
        shutil.copytree(made, folder)
        before = contents(folder)
        running = start(folder, command, mark)
        try:
            running.communicate(timeout=moment_s)
        except subprocess.TimeoutExpired:
            running.send_signal(number)
        sent_s = time.monotonic()
        _out, err = running.communicate(timeout=PATIENCE_S)
        took_s = time.monotonic() - sent_s
        after = contents(folder)
        faults = faults_of(before, after, whole, running.returncode, number, err)
        if after.keys() not in (before.keys(), whole.keys()):
            faults += left_over(folder, command, before, after, whole)
        faults += [f"runs on: {process}" for process in left_running(mark)]
    return {
        "at_s": round(moment_s, 3),
        "signal": signal.Signals(number).name,
        "exit": running.returncode,
        "ended_after_s": round(took_s, 3),
        "faults": faults,
        "stderr": err[-2000:] if faults else err.strip().splitlines()[-2:],
    }


def sweep(made: Path, name: str, moments: int, seed: int) -> list[dict[str, object]]:
    """Run a command to its end once, and then once for each moment of that time."""
    rng, command = random.Random(f"{name} {seed}"), COMMANDS[name]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "work"
        shutil.copytree(made, folder)
        whole_s, whole = finish(folder, command), contents(folder)
    rows = []
    for n in range(moments):
        moment_s = rng.uniform(0.1, whole_s)
        row = one_moment(made, command, whole, moment_s, NUMBERS[n % len(NUMBERS)])
        rows.append({"command": name, "seed": seed, "of_s": round(whole_s, 3), **row})
        print(*(f"{key} {value}" for key, value in rows[-1].items() if key != "stderr"), flush=True)
    return rows


def table(rows: list[dict[str, object]]) -> list[str]:
    """The table of README.md."""
    lines = [
        "| command | moments so far | at fault | slowest end, s | last run |",
        "| --- | ---: | ---: | ---: | --- |",
    ]
    for name in COMMANDS:
        if mine := [row for row in rows if row["command"] == name]:
            bad, slowest = sum(bool(row["faults"]) for row in mine), max(row["ended_after_s"] for row in mine)
            lines.append(f"| `{name}` | {len(mine)} | {bad} | {slowest:.1f} | {mine[-1]['date']} |")
    return lines


def keep(rows: list[dict[str, object]]) -> None:
    """Add rows to the results, and write the table."""
    file, page = HERE / "results.json", HERE / "README.md"
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    known += [{**row, "date": date.today().isoformat()} for row in rows]
    text = ",\n".join(json.dumps(row) for row in known)
    file.write_text(f"[\n{text}\n]\n", encoding="utf-8")
    before, rest = page.read_text(encoding="utf-8").split("<!-- results -->")
    after = rest.partition("<!-- end -->")[2]
    lines = "\n".join(table(known))
    page.write_text(f"{before}<!-- results -->\n{lines}\n<!-- end -->{after}", encoding="utf-8")


def main() -> None:
    """Sweep the commands that are named, or all."""
    given = arguments_of()
    for number in NUMBERS:  # a shell has what it runs in the background ignore SIGINT
        signal.signal(number, signal.SIG_DFL)
    bad = 0
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        prepare(made)
        for name in given.commands or COMMANDS:
            rows = sweep(made, name, given.moments, given.seed)
            keep(rows)
            bad += sum(bool(row["faults"]) for row in rows)
    raise SystemExit(f"{bad} moments at fault" if bad else 0)


if __name__ == "__main__":
    main()
