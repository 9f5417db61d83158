"""How good zerotap's models are beside a desktop's on seven tasks, as the board computes them.

    python benchmarks/quality/measure.py --data ../shared/data [--task NAME] [--quick]

The data are other people's and not part of zerotap; the README names them. ``--data``, or the environment
variable ZEROTAP_DATA, is the folder that holds text/, keystrokes/ and sensor/; a task whose files are not
there is left out, with a reason. ``--quick``: one seed, and the desktop's rows alone of the slow ones.
Writes results.json beside itself and ends with 1 where a model is below what is required.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from board import costs, run
from board_models import RECIPES, Recipe
from desktop import NAMES, desktop_rows
from splits import Given
from tasks import TASKS, Task
from verdicts import Outputs, less, median_of

from zerotap.capture import Dataset

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
SEEDS = 3


def main() -> int:
    options = arguments()
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    missed = []
    for name in options.task or TASKS:
        task = TASKS[name]
        absent = [file for file in task.files if not (options.data / file).exists()]
        if absent:
            print(f"{name} left out: {options.data / absent[0]} is not there")
            continue
        found = measure(task, options.data, 1 if options.quick else SEEDS, options.desktop)
        missed += shortfalls(task, found)
        show(name, found)
        if not options.quick:
            known[name] = found if not options.desktop else {**known.get(name, {}), **found}
            RESULTS.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    for line in missed:
        print(f"below what is required: {line}")
    return 1 if missed else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    data = Path(os.environ.get("ZEROTAP_DATA", HERE.parents[1] / "../shared/data"))
    parser.add_argument("--data", type=Path, default=data, help="the folder of text/, keystrokes/, sensor/")
    parser.add_argument("--task", action="append", choices=list(TASKS), help="repeat for more; default all")
    parser.add_argument("--quick", action="store_true", help="one seed; nothing is written")
    parser.add_argument("--desktop", action="store_true", help="the desktop's rows alone")
    return parser.parse_args()


def measure(task: Task, data: Path, seeds: int, desktop_alone: bool) -> dict[str, object]:
    """Every row of a task."""
    began = time.monotonic()
    given = task.read(data)
    desktop = desktop_rows(task.name, task.desktop, given, seeds)
    print(f"{task.name}: desktop's rows after {time.monotonic() - began:.0f} s", file=sys.stderr)
    middle = {name: median_of(runs, task.by_window) for name, runs in desktop.items()}
    best = max(middle, key=lambda name: middle[name].scores(task.by_window).macro_f1)
    recipes = () if desktop_alone else RECIPES[task.name]
    board = [board_row(task, recipe, given, seeds, middle[best]) for recipe in recipes]
    return {
        "tested": len(middle[best].said(task.by_window)[1]),
        "unit": "window" if task.by_window else "recording",
        "split": given.splits[0].note,
        "required": task.required,
        "moonshot": task.moonshot,
        "desktop": {NAMES[name]: shares(runs, task.by_window) for name, runs in desktop.items()},
        "best_desktop": NAMES[best],
        "board": board,
    }


def board_row(task: Task, recipe: Recipe, given: Given, seeds: int, best: Outputs) -> dict[str, object]:
    runs, floats, models = [], [], []
    with tempfile.TemporaryDirectory() as scratch:
        dataset = Dataset.create(Path(scratch) / "dataset", synthetic=False)
        dataset.add_classes(*given.classes)
        for seed in range(seeds):
            began = time.monotonic()
            as_board, as_float, trained = run(recipe, given, dataset, seed)
            runs.append(as_board)
            floats.append(as_float)
            models.append(trained[0])
            share = as_board.scores(task.by_window).macro_f1
            print(
                f"  {recipe.name}, seed {seed}: {share:.4f}, {time.monotonic() - began:.0f} s",
                file=sys.stderr,
            )
        taken = costs(models[0], Path(scratch), task.flash_bytes)
    return {
        "model": recipe.name,
        "pipeline": models[0].pipeline.to_dict(),
        **shares(runs, task.by_window),
        "float": shares(floats, task.by_window),
        "less_the_desktops_best": less(median_of(runs, task.by_window), best, task.by_window),
        "costs": taken,
    }


def shares(runs: list[Outputs], by_window: bool) -> dict[str, object]:
    scores = [one.scores(by_window) for one in runs]
    middle = median_of(runs, by_window).scores(by_window)
    return {
        "macro_f1_mean": float(np.mean([one.macro_f1 for one in scores])),
        "macro_f1_worst": min(one.macro_f1 for one in scores),
        "macro_f1": [one.macro_f1 for one in scores],
        "macro_f1_interval": list(middle.macro_f1_interval or ()),
        "accuracy_mean": float(np.mean([one.accuracy for one in scores])),
    }


def shortfalls(task: Task, found: dict) -> list[str]:
    """What no model of a task reaches within its budget."""
    if not found["board"]:
        return []
    fitting = [row for row in found["board"] if fits(task, row["costs"])]
    good = [
        row
        for row in fitting
        if row["macro_f1_mean"] >= task.required and row["macro_f1_worst"] >= task.worst
    ]
    return [] if good else [f"{task.name}: {task.required} within {task.flash_bytes} B of flash"]


def fits(task: Task, taken: dict) -> bool:
    push = taken["push"]
    ram = push["ram_bytes"] + (push["stack_bytes"] if task.with_stack else 0)
    return push["flash_bytes"] <= task.flash_bytes and (task.ram_bytes is None or ram <= task.ram_bytes)


def show(name: str, found: dict) -> None:
    print(f"\n{name}: {found['tested']} {found['unit']}s tested, {found['split']}")
    for model, row in found["desktop"].items():
        print(f"| {model}, desktop | {cells(row)} | | | | |")
    for row in found["board"]:
        taken, gap = row["costs"], row["less_the_desktops_best"]
        low, high = gap["interval"]
        difference = f"{gap['difference']:+.3f} ({low:+.3f} to {high:+.3f})"
        push = taken["push"]
        costs = f"{push['flash_bytes']:,} | {push['ram_bytes'] + push['stack_bytes']:,} | {taken['cycles']:,}"
        print(f"| {row['model']} | {cells(row)} | {difference} | {costs} |")


def cells(row: dict) -> str:
    low, high = row["macro_f1_interval"]
    return f"{row['macro_f1_mean']:.3f} | {row['macro_f1_worst']:.3f} | {low:.3f}-{high:.3f}"


if __name__ == "__main__":
    sys.exit(main())
