"""How many key presses raw spam's model reads, by four folds of the training side alone.

    python benchmarks/quality/choosing.py --data ../shared/data

Writes choices.json beside itself: the macro-F1, by recording, of models that did not learn from it.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

from board_models import RECIPES
from readme import CHOICES
from splits import Given
from typed_texts import spam

from zerotap.features import Pipeline
from zerotap.features.transforms import KeyIds, PadIds
from zerotap.models import LOGITS, Reading, cut_windows, score
from zerotap.models.training.folds import out_of_fold
from zerotap.models.training.one_fit import Fitter
from zerotap.models.training.settings import TrainingSettings
from zerotap.reporting import no_progress

PRESSES, SEEDS, FOLDS = (192, 172, 160), 2, 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of text/")
    given = spam(parser.parse_args().data)
    tried = [
        {"presses": presses, "macro_f1": [on_folds(given, presses, seed) for seed in range(SEEDS)]}
        for presses in PRESSES
    ]
    CHOICES.write_text(json.dumps(tried, indent=1) + "\n", encoding="utf-8")


def on_folds(given: Given, presses: int, seed: int) -> float:
    """Macro-F1 of all folds together."""
    (recipe,), (split,) = RECIPES["spam-raw"], given.splits
    spec = replace(recipe.spec(), pipeline=Pipeline("keys", (KeyIds(), PadIds(presses))))
    fitter = Fitter(spec, given.classes, lambda *, is_needed: bytes(32), no_progress)
    windows, _ = cut_windows(split, spec.pipeline, no_progress)
    found = out_of_fold(fitter, windows, TrainingSettings(seed=seed, **recipe.settings), FOLDS)
    scores = score(found.outputs, found.windows, Reading.by_greatest(given.classes, LOGITS))
    return round(scores.macro_f1, 4)


if __name__ == "__main__":
    main()
