"""Tell who is typing by keystroke timing: scikit-learn's ordinary models on our features of real key events.

Run it in the environment of `pip install -e .`, with the key events of Freihaut and Goeritz 2022 (zenodo
10.5281/zenodo.6772378) as CSV: user, trial, t_ms, down, hid_usage.

    python benchmarks/features/typists.py ../shared/data/keystrokes/freihaut_events.csv.gz

It writes typists.json beside it, prints the table of README.md, and ends with 1 where a model is worse than
the figure beside it by more than one standard error.
"""

import csv
import gzip
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from zerotap.features.transforms.count_window import CountWindows
from zerotap.features.transforms.elapsed_time import log2_code
from zerotap.features.transforms.item_times import timed
from zerotap.features.transforms.keystroke_timing import KeystrokeTiming

USERS = 25  # those with the most trials
STROKES = 18  # a press and a release each: 36 events
SEED = 0
# What the same models reach on the raw events (36 events of usage, time and direction): macro-F1, accuracy.
EXPECTED = {"logistic regression": (0.701, 0.708), "random forest": (0.808, 0.810)}


def trials(path: Path) -> dict[tuple[str, str], list[tuple[int, bool, int]]]:
    """(t_ms, down, usage) of every event with a usage, by user and trial."""
    found = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["hid_usage"]:
                event = (int(row["t_ms"]), row["down"] == "1", int(row["hid_usage"]))
                found[row["user"], row["trial"]].append(event)
    return found


def reports(events: list[tuple[int, bool, int]]) -> np.ndarray:
    """The timed boot reports uint8 (n, 12) of a keyboard on which these events happened."""
    modifiers, keys, rows = 0, [], []
    for _, down, usage in events:
        if usage >= 0xE0:
            bit = 1 << usage - 0xE0
            modifiers = modifiers | bit if down else modifiers & ~bit
        elif down and usage not in keys:
            keys = [*keys, usage][-6:]
        elif not down and usage in keys:
            keys = [key for key in keys if key != usage]
        rows.append([modifiers, 0, *keys, *[0] * (6 - len(keys))])
    return timed(np.array([event[0] for event in events]) * 1_000_000, np.array(rows, np.uint8))


def features(events: list[tuple[int, bool, int]]) -> np.ndarray:
    """Usage and coded dwell and flight of the first strokes, uint8 (3 * STROKES,)."""
    strokes = CountWindows(STROKES, STROKES).batch(KeystrokeTiming().batch(reports(events)))[0]
    return np.hstack([strokes[:, :1], log2_code(strokes[:, 1:].astype(np.int64))]).ravel()


def main() -> int:
    found = trials(Path(sys.argv[1]))
    counts = Counter(user for user, _ in found)
    chosen = {user for user, _ in counts.most_common(USERS)}
    events = [(user, one) for (user, _), one in found.items() if user in chosen and len(one) >= 2]
    x, y = np.array([features(one) for _, one in events]), np.array([user for user, _ in events])
    train_x, test_x, train_y, test_y = train_test_split(x, y, test_size=0.2, stratify=y, random_state=SEED)
    models = {
        "logistic regression": make_pipeline(StandardScaler(), LogisticRegression(max_iter=3000)),
        "random forest": RandomForestClassifier(500, random_state=SEED),
    }
    rows = {}
    print("| model | macro-F1 | accuracy | on the raw events | one standard error |\n" + "| --- " * 5 + "|")
    for name, model in models.items():
        guess = model.fit(train_x, train_y).predict(test_x)
        f1, accuracy = f1_score(test_y, guess, average="macro"), accuracy_score(test_y, guess)
        error = (accuracy * (1 - accuracy) / len(test_y)) ** 0.5
        rows[name] = {"macro_f1": f1, "accuracy": accuracy, "standard_error": error}
        raw = " / ".join(f"{value:.3f}" for value in EXPECTED[name])
        print(f"| {name} | {f1:.3f} | {accuracy:.3f} | {raw} | {error:.3f} |")
    report = {"users": USERS, "trials": len(x), "tested": len(test_y), "models": rows}
    Path(__file__).with_suffix(".json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    reached = [rows[name]["accuracy"] >= EXPECTED[name][1] - rows[name]["standard_error"] for name in rows]
    print(f"{len(x)} trials of {USERS} people, {len(test_y)} tested")
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
