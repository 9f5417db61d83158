"""Tell activities apart by fixed-point features of motion: scikit-learn's ordinary models on real data.

Run it in the environment of `pip install -e .[benchmarks]`, with a folder that holds har_exercise.parquet
(emlearn/emlearn-micropython: x, y, z in g at 100 Hz, a file a recording) and basicmotions/ (UEA archive:
40 training and 40 test series of 6 channels, 100 samples at 10 Hz).

    python benchmarks/features/sensors.py ../shared/data/sensor

It writes sensors.json beside it, prints the table of README.md, and ends with 1 where a model is worse than
the figure beside it by more than one standard error.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from zerotap.features.transforms.count_window import CountWindows
from zerotap.features.transforms.log_bands import LogBands
from zerotap.features.transforms.window_statistics import STATISTICS, Statistics

COUNTS_A_G = 8192  # an accelerometer of +-4 g in 16 bits
COUNTS_A_UNIT = 1024  # the wristwatch's units reach +-30
SPLITS = 20  # of 8 recordings each: a single one would be luck
SEED = 0
# What the same models reach on floating-point data (SOURCE.md): accuracy.
EXPECTED = {
    ("exercise", "logistic regression"): 0.888,
    ("exercise", "random forest"): 0.958,
    ("basic motions", "logistic regression"): 0.775,
    ("basic motions", "random forest"): 0.925,
}


def features(windows: np.ndarray) -> np.ndarray:
    """All statistics of int16 windows (n, time, channels), and eight log-power bands of 64 samples each."""
    bands = LogBands.spaced(64, 8).batch(np.ascontiguousarray(windows[:, :64]))
    statistics = Statistics(tuple(STATISTICS)).batch(windows)
    return np.hstack([part.reshape(len(windows), -1) for part in (statistics, bands)])


def models() -> dict[str, object]:
    return {
        "logistic regression": make_pipeline(StandardScaler(), LogisticRegression(max_iter=3000)),
        "random forest": RandomForestClassifier(300, random_state=SEED),
    }


def counts(values: np.ndarray, scale: int) -> np.ndarray:
    return np.clip(np.rint(values * scale), -32768, 32767).astype(np.int16)


def exercise(path: Path) -> dict[str, tuple[float, int]]:
    """Accuracy by model over windows of 2 s, split 75/25 by recording, and how many windows tested once."""
    table = parquet.read_table(path).to_pydict()
    files, samples = np.array(table["file"]), counts(np.column_stack([table[c] for c in "xyz"]), COUNTS_A_G)
    activity = dict(zip(table["file"], table["activity"], strict=True))
    names = np.array(sorted(activity))
    labels = np.array([activity[name] for name in names])
    parts = [features(CountWindows(200, 100, padding="drop").batch(samples[files == name])) for name in names]
    splitter = StratifiedShuffleSplit(SPLITS, test_size=0.25, random_state=SEED)
    right: dict[str, list[bool]] = {name: [] for name in models()}
    for train, test in splitter.split(names, labels):
        x = {side: np.concatenate([parts[i] for i in chosen]) for side, chosen in (("a", train), ("b", test))}
        y = {
            side: np.concatenate([[labels[i]] * len(parts[i]) for i in chosen])
            for side, chosen in (("a", train), ("b", test))
        }
        for name, model in models().items():
            right[name] += (model.fit(x["a"], y["a"]).predict(x["b"]) == y["b"]).tolist()
    return {name: (float(np.mean(hits)), len(hits) // SPLITS) for name, hits in right.items()}


def basic_motions(folder: Path) -> dict[str, tuple[float, int]]:
    """Accuracy by model on the official split, and how many series tested."""
    (x, y), (test_x, test_y) = (series(folder / f"BasicMotions_{side}.ts") for side in ("TRAIN", "TEST"))
    return {
        name: (float((model.fit(features(x), y).predict(features(test_x)) == test_y).mean()), len(test_y))
        for name, model in models().items()
    }


def series(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Series int16 (n, 100, 6) and their classes."""
    text = path.read_text(encoding="utf-8")
    rows = [line.split(":") for line in text.split("@data\n")[1].splitlines() if line]
    values = np.array([[channel.split(",") for channel in row[:-1]] for row in rows], float)
    return counts(values.transpose(0, 2, 1), COUNTS_A_UNIT), np.array([row[-1] for row in rows])


def main() -> int:
    folder = Path(sys.argv[1])
    measured = {
        "exercise": exercise(folder / "har_exercise.parquet"),
        "basic motions": basic_motions(folder / "basicmotions"),
    }
    report, reached = [], []
    print("| data | model | accuracy | on floats | one standard error |\n" + "| --- " * 5 + "|")
    for (data, name), expected in EXPECTED.items():
        accuracy, tested = measured[data][name]
        error = (expected * (1 - expected) / tested) ** 0.5
        reached.append(accuracy >= expected - error)
        report.append(
            {"data": data, "model": name, "accuracy": accuracy, "tested": tested, "expected": expected}
        )
        print(f"| {data} | {name} | {accuracy:.3f} | {expected:.3f} | {error:.3f} |")
    Path(__file__).with_suffix(".json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
