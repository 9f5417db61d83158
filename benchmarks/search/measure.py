"""Trials an hour with 1, 2, 4 workers on one storage, and the bar: `python benchmarks/search/measure.py`.

`--check MESSAGES.csv` types those messages and demands, of a search of 64 KB and 10 minutes on two cores, a
model of words with a macro-F1 of .970 or more on the test side. Otherwise results.json is written beside this
file, and the table of README.md.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results.json")
README = Path(__file__).with_name("README.md")
MARKS = ("<!-- measured -->\n", "<!-- end -->")
WORKERS = (1, 2, 4)
BAR, BAR_S, FLASH_BYTES = 0.970, 600.0, 64 << 10
SEARCHED_S = 480.0
"""Of the ten minutes; what is found is verified in the rest."""


def train(dataset: str, out: str, url: str, seconds: float, pipe: object) -> None:
    """Search with models that are fitted in seconds, and tell how many trials were over."""
    import zerotap as zt

    steps: list[object] = []
    begun: list[float] = []

    def note(step: object) -> None:
        begun.append(time.monotonic())
        steps.append(step)

    zt.search(dataset, out, timeout_s=seconds, models=("linear",), storage=url, on_step=note)
    pipe.send((len(steps), begun[-1] - begun[0] if len(begun) > 1 else seconds))  # type: ignore[attr-defined]


def empty_study(url: str) -> Any:
    """The study of trials in which nothing is computed."""
    from zerotap.models.searching.studies import load_optuna

    optuna = load_optuna()
    return optuna.create_study(
        storage=url, study_name="nothing", directions=("maximize", "minimize"), load_if_exists=True
    )


def ask_only(url: str, seconds: float, pipe: object) -> None:
    """Trials that take no time: what the storage itself lets through."""
    import optuna

    study = empty_study(url)
    study.sampler = optuna.samplers.RandomSampler()
    ends, count = time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        study.optimize(lambda trial: (trial.suggest_float("x", 0, 1), 0.0), n_trials=1)
        count += 1
    pipe.send((count, seconds))  # type: ignore[attr-defined]


def together(target: object, arguments: list[tuple[object, ...]]) -> list[tuple[int, float]]:
    context = multiprocessing.get_context("spawn")
    ends = [context.Pipe() for _ in arguments]
    parts = [
        context.Process(target=target, args=(*given, far))
        for given, (_, far) in zip(arguments, ends, strict=True)
    ]
    for part in parts:
        part.start()
    told = [near.recv() for near, _ in ends]
    for part in parts:
        part.join()
    return told


def rows(seconds: float, postgres: str | None) -> list[dict[str, object]]:
    from zerotap.capture import generate_corpus, type_corpus

    found = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        type_corpus(generate_corpus(400, 0), place / "typed", seed=0, synthetic=True)
        for workers in WORKERS:
            url = f"sqlite:///{place / f'study-{workers}.sqlite3'}"
            given = [
                (str(place / "typed"), str(place / f"out-{workers}-{one}"), url, seconds)
                for one in range(workers)
            ]
            found.append(row("training", "SQLite", workers, together(train, given)))
        for storage, base in (("SQLite", None), ("PostgreSQL", postgres)):
            for workers in WORKERS:
                url = base or f"sqlite:///{place / f'empty-{workers}.sqlite3'}"
                if storage == "SQLite" or base:
                    empty_study(url)  # its tables are made once: two that make them fail each other
                    given = [(url, min(seconds, 20.0))] * workers
                    found.append(row("nothing", storage, workers, together(ask_only, given)))
    return found


def row(what: str, storage: str, workers: int, told: list[tuple[int, float]]) -> dict[str, object]:
    each = [count / seconds * 3600 for count, seconds in told if seconds]
    done = {
        "trials": what,
        "storage": storage,
        "workers": workers,
        "counts": [count for count, _ in told],
        "trials_an_hour": round(sum(each)),
        "load_average": round(os.getloadavg()[0], 1),
    }
    print(done, flush=True)
    return done


def table(report: Mapping[str, Any]) -> str:
    """What README.md shows of results.json: a row a kind of trial and storage, a column so many processes."""
    rates: dict[tuple[str, str], dict[int, str]] = {}
    for one in report["rows"]:
        cells = rates.setdefault((one["trials"], one["storage"]), {})
        cells[one["workers"]] = f"{one['trials_an_hour']:,} (load {one['load_average']:g})"
    head = ["trials", "storage", *(_workers(count) for count in WORKERS)]
    rows = [[*key, *(cells.get(count, "-") for count in WORKERS)] for key, cells in rates.items()]
    every = (head, ["---"] * 2 + ["---:"] * len(WORKERS), *rows)
    made = (
        f"Trials an hour, and the load average then; {report['cores']} cores, {report['seconds']:g} s each."
    )
    return "\n".join([*(f"| {' | '.join(row)} |" for row in every), "", made])


def _workers(count: int) -> str:
    return f"{count} {'process' if count == 1 else 'processes'}"


def write(report: Mapping[str, Any]) -> None:
    """Write results.json, and README.md's table between its marks."""
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    before, rest = README.read_text(encoding="utf-8").split(MARKS[0])
    after = rest.partition(MARKS[1])[2]
    README.write_text(f"{before}{MARKS[0]}{table(report)}\n{MARKS[1]}{after}", encoding="utf-8")


def searched(dataset: str, out: str, pipe: object) -> None:
    import zerotap as zt
    from zerotap.firmware import Budget, BuildOptions

    options = BuildOptions(budget=Budget(FLASH_BYTES, BuildOptions().limits.ram_bytes))
    zt.search(dataset, out, options, timeout_s=SEARCHED_S)
    pipe.send((0, 0.0))  # type: ignore[attr-defined]


def check(messages: Path) -> int:
    """Whether two processes find such a model in ten minutes; typing is not counted."""
    from zerotap.capture import type_messages

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        type_messages(messages, place / "typed", seed=0)
        begun = time.monotonic()
        together(searched, [(str(place / "typed"), str(place / "out"))] * 2)
        seconds = time.monotonic() - begun
        told = json.loads((place / "out" / "search.json").read_text())
    for one in told["members"]:
        print(
            one["name"], one["validation_macro_f1"], one["test"]["macro_f1"], one["measured"]["flash_bytes"]
        )
    best = max((one["test"]["macro_f1"] for one in told["members"] if one["kind"] == "text"), default=0.0)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{best:.4f} of {told['trials']} in {seconds:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of a "
        f"core, load average {os.getloadavg()}"
    )
    return int(best < BAR or seconds > BAR_S)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", type=Path, metavar="MESSAGES.csv")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--postgres", metavar="URL", help="an empty database, for the storage alone")
    given = parser.parse_args()
    if given.check:
        return check(given.check)
    measured = rows(given.seconds, given.postgres)
    write({"cores": os.cpu_count(), "seconds": given.seconds, "rows": measured})
    return 0


if __name__ == "__main__":
    sys.exit(main())
