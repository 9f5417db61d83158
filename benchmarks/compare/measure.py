"""Compare seven models on typed messages, twice: how long that takes, and what a second run takes.

    python benchmarks/compare/measure.py MESSAGES.csv [--seeds N]

MESSAGES.csv has the columns label and text, and is typed by `zerotap type` first, which is not counted.
Writes results.json (times by the clock and of all processors, the load of the machine, and report.json) and
the table of the README beside it; ends with 1 where the bar is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MODELS = "linear,bag,conv-text,hashed-dense,keys,conv,dense"
LIMIT_S = 600.0
BEGIN, END = "<!-- results -->", "<!-- end -->"


def zerotap(*words: object) -> None:
    """Run a command; its reports go nowhere."""
    command = [sys.executable, "-m", "zerotap", *map(str, words)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def timed(*words: object) -> dict[str, float]:
    """Seconds on the clock and of all processors, its children's too, and the load before and after."""
    before, load, clock = (
        resource.getrusage(resource.RUSAGE_CHILDREN),
        os.getloadavg()[0],
        time.perf_counter(),
    )
    zerotap(*words)
    took, after = time.perf_counter() - clock, resource.getrusage(resource.RUSAGE_CHILDREN)
    processors = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "clock_s": round(took, 1),
        "processors_s": round(processors, 1),
        "load_before": round(load, 1),
        "load_after": round(os.getloadavg()[0], 1),
    }


def measured(messages: Path, folder: Path, seeds: int) -> dict[str, Any]:
    """Type the messages into ``folder``, compare, and compare again."""
    zerotap("type", messages, "--dataset", folder / "sms")
    words = ("compare", folder / "sms", "--models", MODELS, "--out", folder / "out", "--seeds", seeds)
    runs = {"first": timed(*words), "again": timed(*words)}
    report = json.loads((folder / "out" / "report.json").read_text(encoding="utf-8"))
    return {"cores": os.cpu_count(), "seeds": seeds, "limit_s": LIMIT_S, **runs, "report": report}


def table(found: dict[str, Any]) -> str:
    """What the README shows."""
    head = "| run | by the clock, s | of all processors, s | load of the machine, before and after |"
    rows = [
        f"| {name} | {run['clock_s']:,.0f} | {run['processors_s']:,.0f} | "
        f"{run['load_before']} and {run['load_after']} |"
        for name, run in ((name, found[name]) for name in ("first", "again"))
    ]
    models = ["| model | macro-F1 | flash, B | ms a message |", "| --- | ---: | ---: | ---: |"]
    for model in found["report"]["models"]:
        costs, score = model["costs"], model["scores"]["board"]["macro_f1"]
        ms = costs["per_unit"]["ms_mean"]
        models.append(f"| {model['name']} | {score:.3f} | {costs['flash_bytes']:,} | {ms:.2f} |")
    sides = found["report"]["data"]["recordings"]
    about = (
        f"{found['cores']} cores, {sides['train'] + sides['test']:,} messages, "
        f"{found['seeds']} training{'s' if found['seeds'] > 1 else ''} of each model and two of parts."
    )
    return "\n".join([about, "", head, "| --- | ---: | ---: | ---: |", *rows, "", *models])


def main() -> int:
    """Measure, write, and tell whether the bar was met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("messages", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measured(given.messages.absolute(), Path(folder), given.seeds)
    (HERE / "results.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    readme = HERE / "README.md"
    text = readme.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    readme.write_text(f"{before}{BEGIN}\n{table(found)}\n{END}{after}", encoding="utf-8")
    print(table(found))
    return int(found["first"]["clock_s"] > LIMIT_S)


if __name__ == "__main__":
    sys.exit(main())
