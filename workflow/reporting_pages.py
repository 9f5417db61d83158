"""report.html drawn from what is in a folder: a comparison's, or one model's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from zerotap import __version__
from zerotap.capture import US, Dataset, open_dataset
from zerotap.errors import ModelError
from zerotap.firmware import DEFAULTS, TFLITE_FILE, BuildOptions, is_integer_file, open_artefact
from zerotap.models import (
    EVIDENCE_FILE,
    FACTS_FILE,
    REPORT_FILE,
    Evidence,
    check_packages,
    folder_html,
    holds_text,
    measured_html,
    only_model,
    planned_costs,
    read_comparison,
    read_evidence,
    read_folder_model,
    split_recordings,
    texts_of,
    with_boot_reports,
    without_text,
)
from zerotap.reporting import Progress, no_progress
from zerotap.writing import scratch_folder

from .comparing.compare_models import compare
from .page_files import PAGE_FILE, board_limits, write_pages, write_text

NO_EVIDENCE: Final = Evidence(())


def draw_page(
    folder: str | Path,
    *,
    dataset: Dataset | str | Path | None = None,
    with_text: bool = False,
    options: BuildOptions = DEFAULTS,
    on_progress: Progress = no_progress,
) -> Path:
    """Write report.html into a comparison's folder, or a model's, and return its path.

    A comparison's report.md is written anew too, and nothing is trained or run. ``with_text``: its page has
    what was typed in the examples, and is readable by you alone; it is in evidence.json where it was asked
    for then, or else in ``dataset``.

    A model's page is about what the comparison around its folder measured. Without one the model is verified
    on ``dataset`` as ``options`` say, or where there is no dataset either, its plan says what it will take.
    Raises ModelError for another folder and for what would be left unused, CaptureError, OutputError,
    MissingExtraError, and with a dataset what ``compare`` does.
    """
    check_packages()
    place = Path(folder)
    if (place / REPORT_FILE).is_file():
        return _of_comparison(place, dataset, with_text, on_progress)
    if not (place / FACTS_FILE).is_file():
        raise ModelError(
            f"{folder} has no {REPORT_FILE} of a comparison and no {FACTS_FILE} of a model: give a folder "
            "that zerotap compare or zerotap train wrote"
        )
    if with_text:
        raise ModelError(f"{folder} is a model, whose page has no examples: leave --with-text out")
    return write_text(place / PAGE_FILE, _of_model(place, dataset, options, on_progress))


def _of_comparison(
    folder: Path, dataset: Dataset | str | Path | None, with_text: bool, on_progress: Progress
) -> Path:
    if dataset is not None and not with_text:
        raise ModelError(
            f"{folder} needs no dataset but for what was typed: add --with-text, or leave it out"
        )
    comparison = read_comparison(folder)
    evidence = NO_EVIDENCE
    if (folder / EVIDENCE_FILE).exists():
        evidence = read_evidence(folder, comparison)
    if not with_text:
        evidence = without_text(evidence)
    elif dataset is not None:
        evidence = replace(evidence, texts=typed_texts(dataset, on_progress))
    elif not evidence.texts:
        where = f"--dataset {comparison.data.dataset}"
        raise ModelError(f"{folder} has nothing that was typed: give its dataset too, {where}")
    return write_pages(folder, comparison, evidence)


def typed_texts(dataset: Dataset | str | Path, on_progress: Progress) -> dict[str, str]:
    """What was typed in each test recording of a keyboard's dataset, by the recording's name.

    Raises CaptureError, or ModelError where nothing was typed.
    """
    split = with_boot_reports(split_recordings(open_dataset(dataset), on_progress))
    if not holds_text(split.test):
        raise ModelError(f"{dataset} is no keyboard's: nothing was typed in it, so leave --with-text out")
    names = (recording.name for recording, _ in split.test)
    return dict(zip(names, texts_of(split.test, US), strict=True))


def _of_model(
    folder: Path, dataset: Dataset | str | Path | None, options: BuildOptions, on_progress: Progress
) -> str:
    if dataset is not None:
        return _verified(folder, dataset, options, on_progress)
    around = folder.resolve().parent
    if (around / REPORT_FILE).is_file() and (html := _as_compared(around, folder.resolve().name)):
        return html
    has_plan = (folder / TFLITE_FILE).is_file() or is_integer_file(folder)
    plan = planned_costs(open_artefact(folder).analyse()) if has_plan else None
    return folder_html(read_folder_model(folder, plan), board_limits(), __version__)


def _as_compared(around: Path, folder_name: str) -> str:
    """By what the comparison in ``around`` measured of the model in that folder; "" where it has none."""
    comparison = read_comparison(around)
    names = [one.name for one in comparison.models if one.name.replace(":", "-") == folder_name]
    if not names:
        return ""
    evidence = NO_EVIDENCE
    if (around / EVIDENCE_FILE).exists():
        evidence = without_text(read_evidence(around, comparison))
    return measured_html(only_model(comparison, names[0]), evidence, board_limits(), __version__)


def _verified(
    folder: Path, dataset: Dataset | str | Path, options: BuildOptions, on_progress: Progress
) -> str:
    """By a comparison of this model alone, which is not kept."""
    with scratch_folder() as scratch:
        out = scratch / "compared"
        comparison = compare(dataset, out, [str(folder)], options, seeds=1, on_progress=on_progress)
        evidence = without_text(read_evidence(out, comparison))
    return measured_html(comparison, evidence, board_limits(), __version__)
