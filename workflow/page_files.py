"""A comparison's report.html and report.md, written into its folder."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from zerotap.errors import MissingExtraError
from zerotap.firmware import BOARDS
from zerotap.models import BoardLimits, Comparison, Evidence, comparison_html, report_markdown
from zerotap.replacing import list_again
from zerotap.writing import check_no_links, new_file

PAGE_FILE: Final = "report.html"
MARKDOWN_FILE: Final = "report.md"
_log = logging.getLogger(__name__)


def write_pages(folder: Path, comparison: Comparison, evidence: Evidence) -> Path:
    """Write report.html and report.md anew; returns the first one's path.

    What was typed is on the page where ``evidence`` has it, and the page readable by you alone. Raises
    MissingExtraError without matplotlib or Jinja2, after report.md is there, or OutputError.
    """
    write_text(folder / MARKDOWN_FILE, report_markdown(comparison, evidence.by_flash, evidence.ways))
    html = comparison_html(comparison, evidence, board_limits())
    page = write_text(folder / PAGE_FILE, html, private=bool(evidence.texts))
    list_again(folder, (PAGE_FILE, MARKDOWN_FILE))
    return page


def write_pages_if_drawn(folder: Path, comparison: Comparison, evidence: Evidence) -> None:
    """The same after work of minutes: without what draws the page a warning says how to get it."""
    try:
        write_pages(folder, comparison, evidence)
    except MissingExtraError as error:
        _log.warning("%s; then zerotap report draws it", error)


def write_text(path: Path, text: str, *, private: bool = False) -> Path:
    """Write a file of a folder that the user named, over an earlier one; never through a link."""
    check_no_links(path, path.parent)
    with new_file(path, replace=True, private=private) as file:
        file.write_text(text, encoding="utf-8")
    return path


def board_limits() -> Mapping[str, BoardLimits]:
    """What each board has, and how a sketch comes onto it, by its name."""
    return {
        board.name: BoardLimits(
            board.flash_bytes, board.ram_bytes, board.upload_commands("DIR", "DIR/examples/SelfTest")
        )
        for board in BOARDS.values()
    }
