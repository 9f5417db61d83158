"""benchmarks/search: what measure.py writes of its results into the README beside it."""

import json
import runpy
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[3] / "benchmarks" / "search"


def load(folder: Path) -> dict[str, Any]:
    """What measure.py defines, as if it lay in ``folder``."""
    copied = folder / "measure.py"
    copied.write_text((FOLDER / "measure.py").read_text(encoding="utf-8"), encoding="utf-8")
    return runpy.run_path(str(copied))


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
        "Trials an hour, and the load average then; 2 cores, 120 s each.",
    ]


def test_results_are_written_with_the_table_between_its_marks(tmp_path: Path) -> None:
    measure = load(tmp_path)
    (tmp_path / "README.md").write_text("# Before\n\n<!-- measured -->\nold\n<!-- end -->\n\nAfter\n")
    report = {"cores": 2, "seconds": 120.0, "rows": [row("nothing", "SQLite", 4, 9000)]}
    measure["write"](report)
    assert json.loads((tmp_path / "results.json").read_text()) == report
    table = measure["table"](report)
    written = f"# Before\n\n<!-- measured -->\n{table}\n<!-- end -->\n\nAfter\n"
    assert (tmp_path / "README.md").read_text() == written
    measure["write"](report)
    assert (tmp_path / "README.md").read_text() == written


def test_the_readme_has_the_table_of_the_results_if_there_are_any() -> None:
    measure = runpy.run_path(str(FOLDER / "measure.py"))
    readme, results = (FOLDER / "README.md").read_text(encoding="utf-8"), FOLDER / "results.json"
    between = readme.split("<!-- measured -->\n")[1].split("\n<!-- end -->")[0]
    if results.exists():
        assert between == measure["table"](json.loads(results.read_text(encoding="utf-8")))
    else:
        assert between.startswith("Not measured yet")
