"""report.html, drawn from what is in a folder: a comparison's, or one model's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from zerotap import __version__
from zerotap.capture import US, Dataset, open_dataset
from zerotap.errors import ModelError
from zerotap.firmware import BOARDS, TFLITE_FILE, is_integer_file, open_artefact
from zerotap.models import (
    EVIDENCE_FILE,
    FACTS_FILE,
    REPORT_FILE,
    BoardLimits,
    Evidence,
    comparison_html,
    folder_html,
    holds_text,
    measured_html,
    only_model,
    planned_costs,
    read_comparison,
    read_evidence,
    read_folder_model,
    report_markdown,
    split_recordings,
    texts_of,
    with_boot_reports,
    without_text,
)
from zerotap.reporting import Progress, no_progress
from zerotap.writing import check_no_links, new_file

PAGE_FILE: Final = "report.html"
PAPER_FILE: Final = "report.md"


def draw_page(
    folder: str | Path,
    *,
    with_text: bool = False,
    dataset: Dataset | str | Path | None = None,
    on_progress: Progress = no_progress,
) -> Path:
    """Write report.html into a comparison's folder, or a model's, and return its path.

    A comparison's report.md is written anew too. ``with_text``: the page has what was typed in the recordings
    that are its examples, and is readable by you alone; it is in evidence.json where it was asked for then,
    or else in ``dataset``. Nothing is trained or run. Raises ModelError for another folder, CaptureError,
    OutputError, or MissingExtraError.
    """
    place = Path(folder)
    if (place / REPORT_FILE).is_file():
        html = _of_comparison(place, with_text, dataset, on_progress)
    elif (place / FACTS_FILE).is_file():
        html = _of_model(place)
    else:
        raise ModelError(
            f"{folder} has no {REPORT_FILE} of a comparison and no {FACTS_FILE} of a model: give a folder "
            "that zerotap compare or zerotap train wrote"
        )
    return _write(place / PAGE_FILE, html, private=with_text)


def _write(path: Path, text: str, *, private: bool = False) -> Path:
    check_no_links(path, path.parent)
    with new_file(path, replace=True, private=private) as file:
        file.write_text(text, encoding="utf-8")
    return path


def _of_comparison(
    folder: Path, with_text: bool, dataset: Dataset | str | Path | None, on_progress: Progress
) -> str:
    comparison = read_comparison(folder)
    evidence = Evidence(())
    if (folder / EVIDENCE_FILE).exists():
        evidence = read_evidence(folder, comparison)
    if not with_text:
        evidence = without_text(evidence)
    elif dataset is not None:
        evidence = replace(evidence, texts=typed_texts(dataset, on_progress))
    elif not evidence.texts:
        raise ModelError(
            f"{folder} has nothing that was typed: give its dataset too, --dataset {comparison.data.dataset}"
        )
    html = comparison_html(comparison, evidence, board_limits())
    _write(folder / PAPER_FILE, report_markdown(comparison))
    return html


def typed_texts(dataset: Dataset | str | Path, on_progress: Progress) -> dict[str, str]:
    """What was typed in each test recording of a keyboard's dataset, by the recording's name.

    Raises CaptureError, or ModelError where nothing was typed.
    """
    split = with_boot_reports(split_recordings(open_dataset(dataset), on_progress))
    if not holds_text(split.test):
        raise ModelError(f"{dataset} is no keyboard's: nothing was typed in it, so leave --with-text out")
    names = (recording.name for recording, _ in split.test)
    return dict(zip(names, texts_of(split.test, US), strict=True))


def _of_model(folder: Path) -> str:
    """As the comparison around it measured it, or else by what lies in it and its plan."""
    around = folder.resolve().parent
    if (around / REPORT_FILE).is_file():
        comparison = read_comparison(around)
        names = [one.name for one in comparison.models if one.name.replace(":", "-") == folder.resolve().name]
        if names:
            evidence = Evidence(())
            if (around / EVIDENCE_FILE).exists():
                evidence = without_text(read_evidence(around, comparison))
            return measured_html(only_model(comparison, names[0]), evidence, board_limits(), __version__)
    has_plan = (folder / TFLITE_FILE).is_file() or is_integer_file(folder)
    plan = planned_costs(open_artefact(folder).analyse()) if has_plan else None
    return folder_html(read_folder_model(folder, plan), board_limits(), __version__)


def board_limits() -> Mapping[str, BoardLimits]:
    """What each board has, by its name."""
    return {board.name: BoardLimits(board.flash_bytes, board.ram_bytes) for board in BOARDS.values()}
