"""A report and its evidence, small and made up, with every part in use."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

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
    InvokeTime,
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
from zerotap.models.comparing.values import Comparison, LeftOut

CLASSES = ("ham", "spam")
TRUTH = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1])
SAID = {
    "conv": (0, 0, 0, 1, 0, 0, 1, 0, 0, 1),
    "bag": (0, 0, 0, 0, 0, 0, 1, 1, 0, 1),
    "majority": (0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
}


def scores_of(verdicts: NDArray[np.int64], truth: NDArray[np.int64] = TRUTH, classes: int = 2) -> Scores:
    """Scores of verdicts (n,), which are class indices."""
    windows = Windows(np.zeros((len(truth), 1)), truth, np.arange(len(truth)))
    return score(np.eye(classes)[np.asarray(verdicts)], windows, Reading.by_greatest(classes, "margins"))


COSTS = Costs(
    flash_bytes=14_208,
    ram_bytes=2_304,
    stack_bytes=312,
    cycles=191_000,
    ms=3.98,
    per_unit=UnitCost("message", 16, 2_731_440.5, 9_120_000, 56.9, 190.0, 3_414_300.6, 11_400_000),
    per_packet=Spread(9_100.0, 201_000, 0.19, 4.19, 11_375.0, 251_250),
    layers=(LayerCost("dense", "FULLY_CONNECTED", 150_000, 9_000), LayerCost("out", "SOFTMAX", 41_000, 90)),
    on_board=InvokeTime(16, 238_750, 238_700, 238_800, 240_000, False, 4.972, 4.975, 5.0),
)
CHEAP = replace(COSTS, flash_bytes=6_000, ram_bytes=900, per_unit=replace(COSTS.per_unit, ms_mean=4.2))
SEEDS = Seeds(1, (SeedScores(0, 0.90, 0.91, 0.92, "float"), SeedScores(1, 0.93, 0.94, 0.95, "board")))

ONE_SEED = Seeds(0, SEEDS.each[:1])


def validated(score: float | None) -> Seeds:
    """One training with that validation score."""
    return Seeds(0, (SeedScores(0, score, 0.9, 0.9, "board"),))


def model(name: str, kind: str, scores: Scores, costs: Costs = COSTS, seeds: Seeds = SEEDS) -> ComparedModel:
    """A verified model."""
    return ComparedModel(
        name=name,
        kind=kind,
        family=name,
        preset="small",
        parameters=1_234,
        pipeline={"name": name, "stages": [{"transform": "trim", "threshold": 3}]},
        head="classes",
        labels=(),
        seeds=seeds,
        scores=BoardScores(scores, replace(scores)),
        narrow=(NarrowWeights(8, 0.9, 14_208, 191_000), NarrowWeights(4, 0.88, 10_000, 201_000)),
        costs=costs,
        oracle="TFLite 2.21 BUILTIN_REF",
        compiler="arm-none-eabi-gcc 13.2",
        board="mkrzero",
        clock_hz=48_000_000,
        samples=320,
        mismatches=0,
    )


DATA = ComparedData(
    dataset="sms",
    origin="synthetic",
    kind="keyboard",
    classes=CLASSES,
    recordings=SideCounts(40, 10, {"ham": (25, 6), "spam": (15, 4)}),
    split="by recording, stratified by class",
    hashes={"train": "a" * 64, "test": "b" * 64},
)
MODELS = (
    model("conv", "raw", scores_of(SAID["conv"])),
    model("bag", "text", scores_of(SAID["bag"]), CHEAP),
)
REFERENCES = (Reference("majority", scores_of(SAID["majority"])),)
PAIRS = (
    Pair("conv", "bag", 7, 0, 2, 1, 0.5, 0.5, -0.25, Interval(-0.5, 0.0), False),
    Pair("bag", "majority", 6, 3, 0, 1, 0.25, 0.5, 0.4, Interval(0.1, 0.6), True),
    Pair("conv", "majority", 5, 2, 1, 2, 1.0, 1.0, 0.2, Interval(-0.1, 0.5), False),
)
COMPARISON = Comparison(
    zerotap="0.2.0",
    command="zerotap compare sms --out out",
    data=DATA,
    models=MODELS,
    references=REFERENCES,
    pairs=PAIRS,
    verdict=Verdict(None, "Not shown on 10 recordings.", 31, 0.02, ("conv", "bag")),
    left_out=(LeftOut("tcn:large", "it takes 300,000 B of flash, and the board has 253,952 B"),),
)
EVIDENCE = Evidence(
    recordings=(
        JudgedRecording("0001", 0, "train"),
        *(JudgedRecording(f"{10 + i:04}", int(y), "test") for i, y in enumerate(TRUTH)),
    ),
    verdicts=SAID,
    confidence={"conv": tuple(np.linspace(0.5, 1, 10).tolist())},
    curves={"conv": (CurvePoint(1, 0.7, 0.8), CurvePoint(2, 0.5, None))},
    learning={"conv": (LearningPoint(10, 0.7), LearningPoint(20, 0.8), LearningPoint(40, 0.9))},
    precision_recall={"conv": {"spam": ClassCurve((0.5, 1.0), (1.0, 0.25), (0.67, 0.5))}},
    projection=Projection("conv", (ProjectedPoint("0001", 0, "train", -1.5, 0.25),), (0.6, 0.2)),
    ways={
        "conv": Ways(
            True, "", WayCost(1_900, 41_000, 0.86, 31_000, 3_000), WayCost(9_000, 402_000, 8.4, 14_000, 3_500)
        )
    },
    by_flash={"conv": (FlashPoint(9_000, 2_048, 400_000, 8.333), FlashPoint(14_208, 2_100, 191_000, 3.979))},
    pictures=(Picture("0001", 0, "reports", (0.0, 0.008, 0.1), ((0.0, 1.0, 0.0), (1.0, 1.0, 0.0))),),
)
