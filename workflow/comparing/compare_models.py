"""``compare``: models on one dataset, verified on the board, and judged against each other."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from zerotap.capture import Dataset, open_dataset
from zerotap.errors import DoesNotFitError
from zerotap.firmware import DEFAULTS, BuildOptions, build_words, find_compiler
from zerotap.models import ComparedData, Comparison, SideCounts
from zerotap.real_places import real_folder
from zerotap.replacing import Kind, check_replaceable, replaceable_folder
from zerotap.reporting import Progress, no_progress
from zerotap.writing import check_apart

from .aside import aside
from .content_keys import hashes_of, keys_of, references_key
from .entrants import Entrant, entrants_of, suited_to
from .evidence import gathered
from .finished import copy_finished
from .references import REFERENCES_FILE, Referred, read_references, refer, references_text
from .report_files import judged, write_report
from .results import Bench, Result
from .task import DEFAULT_JOBS, DEFAULT_MARGIN, DEFAULT_SEEDS, Asked, Sides
from .unfinished import place_of, remove_unfinished

COMPARISON: Final = Kind("comparison", lambda _: False, lambda *_: False, "the same command")
"""What a comparison into the same folder replaces."""


def compare(
    dataset: Dataset | str | Path,
    out: str | Path,
    names: Sequence[str] = (),
    options: BuildOptions = DEFAULTS,
    *,
    seed: int = 0,
    seeds: int = DEFAULT_SEEDS,
    margin: float = DEFAULT_MARGIN,
    with_text: bool = False,
    jobs: int = DEFAULT_JOBS,
    on_progress: Progress = no_progress,
) -> Comparison:
    """Compare models on ``dataset`` and write the results into ``out``.

    ``names``: families ("conv"), presets ("linear:large"), files of one's own (FILE.py, whose code runs as
    yours) or folders of models, which are loaded; without, dense, conv and text, if they suit the dataset.
    Each is trained by ``seeds`` seeds from ``seed`` on, and the median by recordings that are held out is
    kept. Its whole test side runs on the simulated board and is compared with the oracle for equality; some
    test recordings are pushed packet by packet. One that does not fit the board is ``left_out``, and the
    others are compared. ``margin``: the difference in macro-F1, 0 to 1, that "not worse than" allows.
    ``with_text``: evidence.json has what was typed. ``jobs``: so many processes train at most, no more than
    there are cores.

    ``out`` gets report.json, report.md, evidence.json and for each model NAME/ with the trained model,
    model.tflite and the library NAME/arduino. Where it holds an earlier comparison, models whose data,
    options and engine are the same are taken from there; files of others in it stay. What is finished is kept
    in OUT.unfinished until ``out`` is whole: a comparison that was killed goes on from there.
    ``on_progress(stage, done, total)`` as work goes on. Raises ModelError, CaptureError, ToolchainError,
    OutputError, NotExactError, and DoesNotFitError where no model fits.
    """
    asked = Asked(tuple(names), seed, seeds, margin, with_text, jobs=jobs, options=options)
    data = open_dataset(dataset)
    asked = replace(asked, command=_command(data, out, asked))
    entrants = entrants_of(asked.names)
    check_apart(out, {"dataset": data.path, **{f"model {one.name}": one.folder for one in entrants}})
    check_replaceable(out, COMPARISON, True)
    find_compiler(options.compiler)
    target = real_folder(Path(out))
    unfinished = target.with_name(f"{target.name}.unfinished")
    # In OUT.unfinished what a killed comparison was about to write is removed by the next one.
    filled = replaceable_folder(out, COMPARISON, force=True, keep=True, beside=unfinished)
    with place_of(unfinished), filled as part:
        comparison = compare_into(part, data, asked, entrants, unfinished, target, on_progress)
    remove_unfinished(unfinished)
    return comparison


def _command(data: Dataset, out: str | Path, asked: Asked) -> str:
    words = ["zerotap", "compare", str(data.path), "--out", str(out)]
    words += ["--models", ",".join(asked.names)] if asked.names else []
    words += ["--seeds", str(asked.seeds), "--seed", str(asked.seed), "--margin", f"{asked.margin:g}"]
    words += ["--with-text"] if asked.with_text else []
    return shlex.join([*words, *build_words(asked.options)])


def compare_into(
    part: Path,
    data: Dataset,
    asked: Asked,
    entrants: Sequence[Entrant],
    unfinished: Path,
    earlier: Path,
    on_progress: Progress,
) -> Comparison:
    """Compare models on ``data`` and write the results into ``part``, a folder in the making.

    What is finished is kept in ``unfinished``; what ``earlier`` has and is still right is taken from there.
    """
    sides = Sides.read(data, on_progress)
    entrants = suited_to(entrants, sides.split, named=bool(asked.names))
    hashes = hashes_of(sides)
    keys = keys_of(entrants, sides, asked, hashes)
    with aside(on_progress) as beside:
        bench = Bench(sides, asked, unfinished, earlier, beside)
        results = bench.results(entrants, keys)
        key = references_key(asked, hashes)
        referred = _referred(sides, asked, key, earlier, beside.report)
    _check_any(results, unfinished)
    evidence = gathered(sides, asked, results, referred)
    comparison = judged(_data_of(sides, hashes), asked, results, referred, evidence)
    for result in results:
        copy_finished(result.folder, part / result.folder.name)
    (part / REFERENCES_FILE).write_text(references_text(key, referred), encoding="utf-8")
    write_report(part, comparison, evidence)
    return comparison


def _referred(sides: Sides, asked: Asked, key: str, earlier: Path, on_progress: Progress) -> list[Referred]:
    found = read_references(earlier, key, len(sides.classes), len(sides.split.test))
    return refer(sides, asked.seed, on_progress) if found is None else found


def _check_any(results: Sequence[Result], unfinished: Path) -> None:
    """Raise DoesNotFitError with every reason where no model fits; there is nothing to go on with then."""
    reasons = {one.finished.name: one.finished.left_out for one in results if one.finished.left_out}
    if len(reasons) < len(results):
        return
    remove_unfinished(unfinished)
    if len(reasons) == 1:
        raise DoesNotFitError(*reasons.values())
    said = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
    raise DoesNotFitError(f"none of {len(reasons)} models fits: {said}")


def _data_of(sides: Sides, hashes: Sequence[str]) -> ComparedData:
    split, classes = sides.split, sides.classes
    counts = [Counter(number for _, number in side) for side in (split.train, split.test)]
    by_class = {name: (counts[0][number], counts[1][number]) for number, name in enumerate(classes)}
    return ComparedData(
        dataset=sides.dataset.path.resolve().name,
        origin="synthetic" if sides.dataset.synthetic else "recorded",
        kind=sides.kind,
        classes=classes,
        recordings=SideCounts(len(split.train), len(split.test), by_class),
        split=split.note,
        hashes={"train": hashes[0], "test": hashes[1]},
    )
