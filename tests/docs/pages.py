"""Runs the code that README and docs show, page after page, in temporary folders: `make test-docs`.

Not named test_*.py, so that `make test` leaves it out: it trains models. A folder is as the repository:
it has .venv, examples and, as `make demo` leaves it but with fewer messages, demo/messages.csv. Pages that
go on from each other's files share one, and are one test; those of different folders may run at once.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

import pytest
from shell_blocks import Block, blocks_of, environment_of, run

from zerotap.capture import generate_corpus

ROOT = Path(__file__).resolve().parents[2]
MESSAGES = 600
KEYBOARD = "keyboard.md"
# A page that is not named goes on from the keyboard's.
FOLDERS = {
    **{
        name: name
        for name in ("README.md", "sensor.md", "own-model.md", "recording.md", "searching.md", "training.md")
    },
    "comparing.md": "comparing.md",
    "from-python.md": "own-model.md",
    "report.md": "training.md",
}
# What the keyboard's page types and others read: where that page has another folder, it is typed again.
DATASET = "moods"


def pages() -> list[Path]:
    """README, then the site's pages in the order of its table of contents."""
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    contents = "".join(re.findall(r"```\{toctree\}\n(.*?)```", index, re.DOTALL))
    names = [line for line in contents.splitlines() if line and not line.startswith(":")]
    files = (ROOT / "docs" / f"{name}.md" for name in names)
    return [ROOT / "README.md", ROOT / "docs" / "index.md", *filter(Path.exists, files)]


def name_of(block: Block) -> str:
    """The file and line."""
    return f"{block.file.name}:{block.line}"


BLOCKS = [block for page in pages() for block in blocks_of(page) if block.runs]


def by_folder() -> dict[str, list[Block]]:
    """The blocks of each folder, in order; the folders in the order of their first pages."""
    found: dict[str, list[Block]] = {}
    for block in BLOCKS:
        found.setdefault(FOLDERS.get(block.file.name, KEYBOARD), []).append(block)
    return found


def problem_in(block: Block, folder: Path) -> str:
    """What goes wrong with a block in a folder, or ""."""
    problem = run(block, folder, environment_of(folder, Path(sys.executable).parent))
    return f"{name_of(block)}: {problem}" if problem else ""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as the repository's."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "demo").mkdir()
    with (tmp_path / "demo" / "messages.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("label", "text"), *generate_corpus(MESSAGES, seed=0)])
    return tmp_path


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", by_folder())
def test_blocks_run(name: str, folder: Path) -> None:
    blocks = by_folder()[name]
    if name != KEYBOARD and any(DATASET in block.text for block in blocks):
        blocks = [next(block for block in BLOCKS if f"--dataset {DATASET}" in block.text), *blocks]
    # What comes after a block that fails has nothing to go on from.
    problem = next(filter(None, (problem_in(block, folder) for block in blocks)), "")
    assert not problem, problem


def test_every_page_is_read() -> None:
    written = set((ROOT / "docs").glob("*.md"))
    assert written <= set(pages())
    assert set(FOLDERS) <= {page.name for page in pages()}
    assert len(BLOCKS) > 10
