"""benchmarks/search: what measure.py writes of its results into the README beside it."""

import json
import runpy
from pathlib import Path

FOLDER = Path(__file__).parents[3] / "benchmarks" / "search"


def row(trials: str, storage: str, workers: int, rate: int) -> dict:
    return {
        "trials": trials,
        "storage": storage,
        "workers": workers,
        "trials_an_hour": rate,
        "load_average": 1.5,
        "counts": [1],
    }


def test_the_table_has_a_row_a_storage_and_a_column_so_many_processes() -> None:
    table = runpy.run_path(str(FOLDER / "measure.py"))["table"]
    rows = [
        row("training", "SQLite", 1, 700),
        row("training", "SQLite", 2, 1300),
        row("nothing", "SQLite", 4, 9000),
    ]
    assert table({"cores": 2, "seconds": 120.0, "rows": rows}).splitlines() == [
        "| trials | storage | 1 process | 2 processes | 4 processes |",
        "| --- | --- | ---: | ---: | ---: |",
        "| training | SQLite | 700 (load 1.5) | 1,300 (load 1.5) | - |",
        "| nothing | SQLite | - | - | 9,000 (load 1.5) |",
        "",
        "Trials an hour, and the load average; 2 cores, 120 s each.",
    ]


def test_the_readme_has_the_table_of_the_results() -> None:
    report = json.loads((FOLDER / "results.json").read_text(encoding="utf-8"))
    table = runpy.run_path(str(FOLDER / "measure.py"))["table"]
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"<!-- measured -->\n{table(report)}\n<!-- end -->" in readme
