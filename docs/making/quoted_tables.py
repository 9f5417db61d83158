"""Write the tables that README and docs quote from results on disk, between <!-- NAME --> and <!-- end -->.

    python docs/making/quoted_tables.py

demo: docs/demo-report.json, which is the report.json of `make demo`. engine: benchmarks/engine/results.json,
which `python benchmarks/engine/measure.py` writes, and the figures of others in targets.py beside it.
"""

from __future__ import annotations

import json
import re
import runpy
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
GCC = "arm-none-eabi-gcc"
WIDTH = 120

MODELS = {
    "M1": "dense 8-16-8-2",
    "M2": "dense 128-32-16-4",
    "M3": "conv 16 k5, pool, conv 32 k3, mean, dense 6",
    "M4": "separable 32 k5, pool, pointwise 32, mean, dense 6",
    "M5": "32 ids, embedding 1024x16, mean, dense 16, 6",
    "M6": "16 ids, embedding, bidirectional LSTM 16, dense 16, 1",
    "demo": "the demo's conv: conv 32 k4, pool, conv 48 k8, max, dense 2",
}
ENGINES = ("zerotap", "zerotap, at the small flash", "zerotap, size")
"""Ours, in the order of the columns."""
_DEMO_ROWS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "macro-F1, float": lambda model: f"{model['scores']['float']['macro_f1']:.3f}",
    "macro-F1, int8 (95 %)": lambda model: _with_interval(model["scores"]["board"]),
    "flash, B": lambda model: f"{model['costs']['flash_bytes']:,}",
    "RAM, B": lambda model: f"{model['costs']['ram_bytes']:,}",
    "stack, B": lambda model: f"{model['costs']['stack_bytes']:,}",
    "cycles, a run of the model": lambda model: f"{model['costs']['cycles']:,}",
    "ms a message (at most)": lambda model: _mean_and_most(model["costs"]["per_unit"]),
    "ms a packet": lambda model: f"{model['costs']['per_packet']['ms_mean']:.3f}",
    "windows verified": lambda model: f"{model['samples']:,}",
    "mismatches": lambda model: f"{model['mismatches']:,}",
}


def demo_table() -> str:
    """A column a model of the demo, and the compiler and oracle below."""
    report = _json("docs/demo-report.json")
    models = report["models"]
    head = ["", *(f"{model['name']} ({model['kind']})" for model in models)]
    rows = [[name, *(write(model) for model in models)] for name, write in _DEMO_ROWS.items()]
    made = f"`make demo`, {models[0]['compiler']}, oracle {models[0]['oracle']}."
    verdict = textwrap.fill(
        f"{report['verdict']['text'].partition('. Macro-F1 is')[0]}.",
        WIDTH,
        initial_indent="> ",
        subsequent_indent="> ",
    )
    return f"{_table([head, ['---', *['---:'] * len(models)], *rows])}\n\n{made}\n\n{verdict}"


def _with_interval(scores: Mapping[str, Any]) -> str:
    low, high = scores["macro_f1_interval"]
    return f"{scores['macro_f1']:.3f} ({low:.3f}-{high:.3f})"


def _mean_and_most(cost: Mapping[str, Any]) -> str:
    return f"{cost['ms_mean']:.2f} ({cost['ms_max']:.2f})"


def engine_table() -> str:
    """A row a model of benchmarks/engine: cycles, flash and RAM, ours and others'."""
    measured = {
        (result["model"], result["engine"]): (result["cycles_max"], result["flash"], result["ram"])
        for result in _json("benchmarks/engine/results.json")["results"]
        if result["compiler"].startswith(GCC)
    }
    quoted = runpy.run_path(str(ROOT / "benchmarks" / "engine" / "targets.py"))
    head = ["model", "zerotap", "with little flash", "`--optimise size`", "best other", "TFLM + CMSIS-NN"]
    rows = [
        [
            shape,
            *(_figures(measured.get((model, engine))) for engine in ENGINES),
            _figures(quoted["BEST_OTHER"].get(model)),
            _figures(quoted["TFLM_WITH_CMSIS_NN"].get(model)),
        ]
        for model, shape in MODELS.items()
    ]
    return _table([head, ["---"] * len(head), *rows])


TABLES = {"demo": demo_table, "engine": engine_table}


def filled(page: str) -> str:
    """Return a page with every quoted table as the results have it."""
    for name, table in TABLES.items():
        region = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=^<!-- end -->$)", re.DOTALL | re.MULTILINE)
        page = region.sub(table().replace("\\", r"\\") + "\n", page)
    return page


def pages() -> list[Path]:
    """README and the pages of docs/."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def _json(name: str) -> Any:  # noqa: ANN401
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


def _table(rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _figures(figures: tuple[int, int, int] | None) -> str:
    return " · ".join(f"{figure:,}" for figure in figures) if figures else "-"


if __name__ == "__main__":
    for path in pages():
        path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8")
