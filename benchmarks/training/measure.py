"""How long training takes: networks beside a bare `model.fit`, linear tables, forests.

    python benchmarks/training/measure.py [--only NAME]

Every figure is of this one process, after a first training that loads what it needs. Beside the clock stands
the processor time of all cores, in which other work on the machine does not count; a bar holds for the
smaller of both, as a quiet machine's clock shows no more than its processors take. Writes results.json and
the table of the README beside it, and ends with 1 where a bar is missed. ``--only`` writes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import at_once
import by_steps
from timing import Row

HERE = Path(__file__).parent
BEGIN, END = "<!-- results -->", "<!-- end -->"
MEASURED: dict[str, Callable[[], Row]] = {
    "dense": partial(by_steps.measured, "dense"),
    "conv": partial(by_steps.measured, "conv"),
    "linear": at_once.linear,
    "forest": at_once.forest,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=list(MEASURED), help="one of them; nothing is written")
    only = parser.parse_args().only
    rows = {name: measure() for name, measure in MEASURED.items() if only in (None, name)}
    print(table(rows))
    if only is None:
        write(rows)
    missed = [name for name, row in rows.items() if not row.is_met]
    sys.exit(f"missed by {', '.join(missed)}" if missed else 0)


def write(rows: dict[str, Row]) -> None:
    """results.json, and the table between the README's marks."""
    told = {"cores": os.cpu_count(), "load": round(os.getloadavg()[1], 1)}
    found = {name: row.to_json() for name, row in rows.items()}
    (HERE / "results.json").write_text(json.dumps({**told, "trained": found}, indent=2) + "\n")
    readme = HERE / "README.md"
    before, _, rest = readme.read_text().partition(BEGIN)
    note = f"{told['cores']} cores, on which {told['load']} programs ran at once on average."
    readme.write_text(f"{before}{BEGIN}\n{table(rows)}\n\n{note}\n{END}{rest.partition(END)[2]}")


def table(rows: dict[str, Row]) -> str:
    head = "| model | of | clock, s | processors, s | at most, s | beside `model.fit` | at most |"
    return "\n".join(
        [head, "|---|---|---:|---:|---:|---:|---:|", *(row.cells(name) for name, row in rows.items())]
    )


if __name__ == "__main__":
    main()
