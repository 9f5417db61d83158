"""The README's tables, written from results.json and choices.json.

python benchmarks/quality/readme.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS, CHOICES = HERE / "results.json", HERE / "choices.json"
HEAD = (
    "| task | required | moonshot | desktop's best | for the board | mean | worst | less the desktop's best "
    "| flash, B | RAM and stack, B |\n|---|---|---|---|---|---|---|---|---|---|"
)


def main() -> None:
    """Write the tables where the README has their marks."""
    known = json.loads(RESULTS.read_text(encoding="utf-8"))
    rows = [row_of(name, task, row) for name, task in known.items() for row in task["board"]]
    write("results", "\n".join([HEAD, *rows]))
    write("moonshots", moonshots(known))
    write("choices", choices(json.loads(CHOICES.read_text(encoding="utf-8"))))


def row_of(name: str, task: dict[str, Any], row: dict[str, Any]) -> str:
    gap, push = row["less_the_desktops_best"], row["costs"]["push"]
    low, high = gap["interval"]
    best = task["desktop"][task["best_desktop"]]["macro_f1_mean"]
    cells = [
        name,
        f"{task['required']:.3f}",
        f"{task['moonshot']:.3f}",
        f"{task['best_desktop']}, {best:.3f}",
        row["model"],
        f"{row['macro_f1_mean']:.3f}",
        f"{row['macro_f1_worst']:.3f}",
        f"{gap['difference']:+.3f} ({low:+.3f} to {high:+.3f})",
        f"{push['flash_bytes']:,}",
        f"{push['ram_total_bytes']:,}",
    ]
    return f"| {' | '.join(cells)} |"


def moonshots(known: dict[str, Any]) -> str:
    """Which tasks' best mean is below the moonshot, and by how much."""
    best = {name: max(row["macro_f1_mean"] for row in task["board"]) for name, task in known.items()}
    under = {name: known[name]["moonshot"] - mean for name, mean in best.items()}
    far = [f"{name} by {gap:.3f}" for name, gap in under.items() if gap > 0]
    reached = [name for name, gap in under.items() if gap <= 0]
    return f"Moonshots reached: {', '.join(reached)}. Not reached: {', '.join(far)}."


def choices(tried: list[dict[str, Any]]) -> str:
    """What was tried on folds of the training side of raw spam."""
    rows = [
        f"| {one['presses']} | {', '.join(f'{share:.4f}' for share in one['macro_f1'])} |" for one in tried
    ]
    return "\n".join(["| presses | macro-F1 of each seed |", "|---|---|", *rows])


def write(name: str, text: str) -> None:
    """Put ``text`` between <!-- NAME --> and <!-- end -->."""
    readme = HERE / "README.md"
    begin, end = f"<!-- {name} -->", "<!-- end -->"
    before, _, rest = readme.read_text(encoding="utf-8").partition(begin)
    readme.write_text(f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
