"""Movements as a sensor's binary frames: exercises, and the activities of BasicMotions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedKFold
from splits import SEED, Given, numbered, split_at

from zerotap.capture import Packet, Recording, encode_frames

ENDPOINT, FOLDS = 0x83, 4
COUNTS_A_G = 8192  # an accelerometer of +-4 g in 16 bits
COUNTS_A_UNIT = 1024  # the wristwatch's units reach +-30


def exercise(data: Path) -> Given:
    """Four exercises at 100 Hz; four folds of whole recordings."""
    import pyarrow.parquet as parquet

    table = parquet.read_table(data / "sensor/har_exercise.parquet").to_pydict()
    files, samples = np.array(table["file"]), np.column_stack([table[axis] for axis in "xyz"])
    activity = dict(zip(table["file"], table["activity"], strict=True))
    names = sorted(activity)
    recordings = [frames(samples[files == name] * COUNTS_A_G, 100) for name in names]
    labels = [activity[name] for name in names]
    classes, labelled = numbered(recordings, labels)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(names, labels)
    return Given(classes, tuple(split_at(labelled, *sides, "4 folds by recording") for sides in folds))


def motions(data: Path) -> Given:
    """Four activities at 10 Hz, six channels; the archive's split."""
    parts = [series(data / f"sensor/basicmotions/BasicMotions_{side}.ts") for side in ("TRAIN", "TEST")]
    recordings = [frames(values * COUNTS_A_UNIT, 10) for part, _ in parts for values in part]
    classes, labelled = numbered(recordings, [label for _, labels in parts for label in labels])
    train, test = (len(labels) for _, labels in parts)
    sides = range(train), range(train, train + test)
    return Given(classes, (split_at(labelled, *sides, "the archive's own"),))


def series(path: Path) -> tuple[np.ndarray, list[str]]:
    """Series (n, samples, channels) and their classes."""
    text = path.read_text(encoding="utf-8")
    rows = [line.split(":") for line in text.split("@data\n")[1].splitlines() if line]
    values = np.array([[channel.split(",") for channel in row[:-1]] for row in rows], float)
    return values.transpose(0, 2, 1), [row[-1] for row in rows]


def frames(samples: np.ndarray, rate_hz: int) -> Recording:
    """A serial port's packets, a frame of int16 samples each."""
    counts = np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
    packets = [
        Packet(10**18 + at * 10**9 // rate_hz, ENDPOINT, encode_frames(counts[at : at + 1], at % 256))
        for at in range(len(counts))
    ]
    return replace(Recording.from_packets(packets), transfer="bulk")
