"""Comparisons as large as true ones, drawn by a seed: of a keyboard, and of a sensor."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from zerotap.features import Windows
from zerotap.models import (
    BoardScores,
    ClassCurve,
    ComparedData,
    ComparedModel,
    Costs,
    CurvePoint,
    Evidence,
    FlashPoint,
    Interval,
    JudgedRecording,
    LayerCost,
    LearningPoint,
    NarrowWeights,
    Pair,
    Picture,
    ProjectedPoint,
    Projection,
    Reading,
    Reference,
    Scores,
    Seeds,
    SeedScores,
    SideCounts,
    Spread,
    UnitCost,
    Verdict,
    WayCost,
    Ways,
    score,
)
from zerotap.models.comparing.values import Comparison

CLOCK_HZ = 48_000_000
BOARD = "Arduino MKR Zero"
# name, kind, family, share right, flash, RAM, cycles of an invoke, cycles a unit, layers
DENSE = ("dense", "raw", "dense", 0.91, 19_488, 96, 26_362, 705 * 26_400, 3)
CONV = ("conv", "raw", "conv", 0.885, 30_292, 1_520, 1_832_392, 2_410_000, 6)
TEXT = ("bag", "text", "bag", 0.972, 34_416, 360, 2_601, 148_000, 2)
TABLE = ("linear:large", "text", "linear", 0.978, 121_000, 412, 5_100, 171_000, 1)
FOREST = ("forest", "raw", "forest", 0.93, 61_200, 210, 9_800, 88_000, 1)
OPERATORS = ("CONV_2D", "MAX_POOL_2D", "CONV_2D", "MEAN", "FULLY_CONNECTED", "FULLY_CONNECTED")


def keyboard(
    seed: int = 0, classes: tuple[str, ...] = ("calm", "tense", "tired")
) -> tuple[Comparison, Evidence]:
    """Raw against text on a keyboard's recordings; text wins."""
    return made(seed, ("moods", "keyboard", classes), (DENSE, CONV, TEXT, TABLE), "linear:large")


def sensor(seed: int = 1) -> tuple[Comparison, Evidence]:
    """Raw models on a sensor's recordings; none wins."""
    data = ("moves", "sensor", ("idle", "shake", "circle", "tap"))
    return made(seed, data, ((*DENSE[:3], 0.94, *DENSE[4:]), FOREST, (*CONV[:3], 0.935, *CONV[4:])), None)


def small(seed: int = 2, classes: tuple[str, ...] = ("calm", "tense")) -> tuple[Comparison, Evidence]:
    """One raw model and one on text, which is drawn in less time."""
    return made(seed, ("few", "keyboard", classes), (DENSE, TEXT), "bag")


def write(folder: Path, comparison: Comparison, evidence: Evidence | None) -> Path:
    """A comparison's folder, without its models."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(comparison.to_json()))
    if evidence is not None:
        (folder / "evidence.json").write_text(json.dumps(evidence.to_json()))
    return folder


def made(seed: int, data: tuple[str, str, tuple[str, ...]], entrants: tuple, winner: str | None):
    """A comparison and its evidence."""
    name, kind, classes = data
    rng = np.random.default_rng(seed)
    train, test = drawn_sides(rng, classes, 900), drawn_sides(rng, classes, 480)
    said = {one[0]: verdicts(rng, test, len(classes), one[3]) for one in entrants}
    said |= {"majority": np.zeros_like(test), "text SVM": verdicts(rng, test, len(classes), 0.982)}
    models = tuple(model(rng, one, test, said, len(classes), kind) for one in entrants)
    references = tuple(
        Reference(one, scores_of(said[one], test, len(classes))) for one in ("majority", "text SVM")
    )
    pairs = tuple(
        pair(a, b, said, test, len(classes)) for a, b in combinations([one.name for one in models], 2)
    )
    champions = champion_names(models)
    comparison = Comparison(
        "0.2.0",
        f"zerotap compare {name} --out {name}-compared --seeds 3",
        ComparedData(
            name,
            "synthetic",
            kind,
            classes,
            SideCounts(
                len(train),
                len(test),
                {one: (int((train == at).sum()), int((test == at).sum())) for at, one in enumerate(classes)},
            ),
            "by recording, stratified by class, equal content on one side only",
            {"train": "3f" * 32, "test": "a9" * 32},
        ),
        models,
        references,
        pairs,
        verdict(winner, champions, len(test)),
    )
    evidence = evidence_of(rng, comparison, (train, test), said)
    return tuple(type(one).from_json(json.loads(json.dumps(one.to_json()))) for one in (comparison, evidence))


def champion_names(models: tuple[ComparedModel, ...]) -> tuple[str, str]:
    """The best of each kind, or the two best, by validation."""
    best = sorted(models, key=lambda one: -one.validation_macro_f1)
    other = next((one for one in best if one.kind != best[0].kind), best[1])
    return best[0].name, other.name


def verdict(winner: str | None, champions: tuple[str, str], tested: int) -> Verdict:
    if winner:
        one, other = champions
        text = (
            f"{one} tells the recordings better than {other}: macro-F1 0.978 against 0.910, a difference of "
            f"+0.068 (95 %: +0.041 to +0.096) on {tested} recordings, p < 0.001 (exact McNemar, Holm over "
            "all pairs). It takes 121,000 B of flash, 412 B of RAM and 3.6 ms a message; the other 19,488 B, "
            "96 B and 388 ms."
        )
        return Verdict(winner, text, None, 0.02, champions)
    text = f"Not shown on {tested} recordings; about 2,140 would be needed to tell {' and '.join(champions)}."
    return Verdict(None, text, 2140, 0.02, champions)


def drawn_sides(rng, classes, count):
    return np.sort(
        rng.choice(len(classes), count, p=np.array(range(len(classes), 0, -1)) / sum(range(len(classes) + 1)))
    )


def verdicts(rng, truth, classes, right):
    wrong = (truth + rng.integers(1, max(2, classes), len(truth))) % classes
    return np.where(rng.random(len(truth)) < right, truth, wrong)


def scores_of(said, truth, classes) -> Scores:
    windows = Windows(np.zeros((len(truth), 1)), truth, np.arange(len(truth)))
    return score(np.eye(classes)[said] * 3, windows, Reading.by_greatest(classes, "logits"))


def model(rng, entrant, truth, said, classes, kind) -> ComparedModel:
    name, sort, family, right, flash, ram, cycles, unit, layers = entrant
    scores = scores_of(said[name], truth, classes)
    per_unit = UnitCost(
        "message" if kind == "keyboard" else "window", 24, unit, unit * 3, unit / 48e3, unit / 16e3
    )
    parts = rng.dirichlet(np.ones(layers)) if layers > 1 else np.ones(1)
    costs = Costs(
        flash,
        ram,
        132 + layers * 60,
        cycles,
        cycles / 48e3,
        per_unit,
        Spread(unit / 141, cycles + unit, unit / 141 / 48e3, (cycles + unit) / 48e3),
        tuple(
            LayerCost(
                f"{name}/layer_{at}", OPERATORS[at], int(part * cycles), int(parts[-1 - at] * flash * 0.9)
            )
            for at, part in enumerate(parts)
        ),
    )
    keras = family not in ("linear", "forest")
    narrow = tuple(
        NarrowWeights(bits, max(0.0, scores.macro_f1 - lost), int(flash * part), int(cycles * 1.1))
        for bits, lost, part in ((8, 0.0, 1), (4, 0.012, 0.62), (2, 0.17, 0.41))
    )
    seeds = tuple(
        SeedScores(at, right - 0.01 + at / 1000, min(1, scores.macro_f1 + at / 500 - 0.004), right, "float")
        for at in range(3)
    )
    return ComparedModel(
        name, sort, family, "large" if ":" in name else "", 1_234 + flash,
        {"name": name, "stages": []}, "classes", (),
        Seeds(1, seeds), BoardScores(scores, scores if keras else None), narrow if keras else (), costs,
        "tflite 2.21.0 BUILTIN_REF" if keras else "its NumPy integer form", "arm-none-eabi-gcc 12.2.1 -O2",
        BOARD, CLOCK_HZ, 480, 0,
    )  # fmt: skip


def pair(a, b, said, truth, classes) -> Pair:
    right_a, right_b = said[a] == truth, said[b] == truth
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    p = binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    difference = scores_of(said[a], truth, classes).macro_f1 - scores_of(said[b], truth, classes).macro_f1
    reach = 1.96 * np.sqrt(only_a + only_b + 1) / len(truth)
    ends = Interval(max(-1, difference - reach), min(1, difference + reach))
    both, none = int((right_a & right_b).sum()), int((~right_a & ~right_b).sum())
    return Pair(a, b, both, only_a, only_b, none, p, min(1, p * 3), difference, ends, bool(ends[0] > -0.02))


WAYS = {
    "conv": Ways(
        True,
        "",
        WayCost(1_900, 41_000, 0.86, 31_000, 3_000),
        WayCost(9_000, 402_000, 8.4, 14_000, 3_500),
    ),
    "dense": Ways(
        False, "a dense layer reads the whole window", None, WayCost(500, 26_000, 0.55, 19_900, 900)
    ),
}


def evidence_of(rng, comparison: Comparison, sides, said) -> Evidence:
    train, test = sides
    classes = comparison.data.classes
    names = [one.name for one in comparison.models]
    recordings = tuple(
        JudgedRecording(f"{classes[int(index)]}-{at:04}", int(index), side)
        for side, truth in (("train", train), ("test", test))
        for at, index in enumerate(truth)
    )
    keras = [one.name for one in comparison.models if one.scores.floats]
    return Evidence(
        recordings,
        {name: tuple(map(int, values)) for name, values in said.items()},
        {name: tuple(rng.uniform(0.5, 1, len(test)).tolist()) for name in names},
        {name: tuple(losses(rng)) for name in keras},
        {
            name: tuple(learned(one.scores.board.macro_f1, len(train)))
            for name, one in zip(names, comparison.models, strict=True)
        },
        {name: {one: curve(rng) for one in classes} for name in names},
        projection(rng, comparison, recordings),
        tuple(
            (pressed if comparison.data.kind == "keyboard" else shaken)(rng, recordings, at)
            for at in range(len(classes))
        ),
        ways={name: ways for name, ways in WAYS.items() if name in names},
        by_flash={one.name: planned(one.costs) for one in comparison.models if len(one.costs.layers) > 1},
    )


def planned(costs: Costs) -> tuple[FlashPoint, ...]:
    """Four plans up to the measured one, each with less flash half as fast again."""
    return tuple(
        FlashPoint(
            costs.flash_bytes * (10 - step) // 10,
            costs.ram_bytes + costs.stack_bytes,
            int(costs.cycles * 1.5**step),
            costs.ms * 1.5**step,
        )
        for step in (3, 2, 1, 0)
    )


def losses(rng):
    for epoch in range(1, 41):
        yield CurvePoint(
            epoch,
            1.1 * np.exp(-epoch / 9) + 0.05 + rng.normal(0, 0.01),
            1.1 * np.exp(-epoch / 8) + 0.17 + epoch / 400,
        )


def learned(last, count):
    for part in (4, 2, 1):
        yield LearningPoint(count // part, max(0.0, last - 0.03 * (part - 1)))


def curve(rng) -> ClassCurve:
    recall = np.linspace(1, 0, 200)
    precision = np.clip(1 - 0.5 * recall ** rng.uniform(6, 20) + rng.normal(0, 0.004, 200), 0, 1)
    return ClassCurve(
        tuple(precision.tolist()), tuple(recall.tolist()), (float(precision[20]), float(recall[20]))
    )


def projection(rng, comparison, recordings) -> Projection:
    drawn = rng.permutation(len(recordings))[:900]
    middles = rng.normal(0, 2.2, (len(comparison.data.classes), 2))
    points = []
    for at in drawn:
        one = recordings[at]
        x, y = middles[one.index] + rng.normal(0, 1, 2)
        points.append(ProjectedPoint(one.name, one.index, one.side, float(x), float(y)))
    return Projection(comparison.models[0].name, tuple(points), (0.41, 0.17))


def first_of(recordings, index):
    own = (one for one in recordings if one.index == index and one.side == "test")
    return next(own, recordings[0])


def pressed(rng, recordings, index) -> Picture:
    times = np.cumsum(rng.gamma(2, 0.04 + 0.03 * index, 240))
    rows = np.zeros((8, 240))
    rows[2, ::2] = 1
    rows[0] = np.repeat(rng.random(24) < 0.12, 10)
    rows[3] = (rng.random(240) < 0.18) * rows[2]
    return Picture(
        first_of(recordings, index).name,
        index,
        "reports",
        tuple(times.tolist()),
        tuple(map(tuple, rows.tolist())),
    )


def shaken(rng, recordings, index) -> Picture:
    times = np.arange(512) / 100
    turns = [
        np.sin(times * (3 + 9 * index) + shift) * (40 + 300 * index) * np.hanning(512) for shift in (0, 1, 2)
    ]
    rows = [np.round(turn + rng.normal(0, 12, 512)) for turn in turns]
    return Picture(
        first_of(recordings, index).name,
        index,
        "samples",
        tuple(times.tolist()),
        tuple(tuple(row.tolist()) for row in rows),
    )
