"""Runs the code that README and docs show, page after page, in temporary folders: `make test-docs`.

Not named test_*.py, so that `make test` leaves it out: it trains models. A folder stands for the
repository's: it has .venv, examples and, as `make demo` leaves it but with fewer messages, demo/messages.csv.
Pages that go on from each other's files share one; those of different folders run at once where pytest has
workers.
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
    "README.md": "readme",
    "sensor.md": "sensor",
    "own-model.md": "own-model",
    "from-python.md": "own-model",
    "recording.md": "recording",
    "training.md": "training",
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
    """The file and line, as the test's name."""
    return f"{block.file.name}:{block.line}"


BLOCKS = [block for page in pages() for block in blocks_of(page) if block.runs]


def folder_of(block: Block) -> str:
    """The name of the folder that the block's page runs in."""
    return FOLDERS.get(block.file.name, KEYBOARD)


def problem_in(block: Block, folder: Path) -> str:
    """What goes wrong with a block in a folder, or ""."""
    return run(block, folder, environment_of(folder, Path(sys.executable).parent))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders that blocks run in, each furnished; they are those of one worker."""
    made = {name: tmp_path_factory.mktemp("zerotap") for name in {folder_of(block) for block in BLOCKS}}
    messages = generate_corpus(MESSAGES, seed=0)
    for folder in made.values():
        (folder / ".venv").symlink_to(sys.prefix)
        (folder / "examples").symlink_to(ROOT / "examples")
        (folder / "demo").mkdir()
        with (folder / "demo" / "messages.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([("label", "text"), *messages])
    return made


@pytest.fixture
def folder(block: Block, folders: dict[str, Path]) -> Path:
    """The block's folder, with the dataset that it reads."""
    made = folders[folder_of(block)]
    if folder_of(block) != KEYBOARD and DATASET in block.text and not (made / DATASET).exists():
        typed = next(each for each in BLOCKS if f"--dataset {DATASET}" in each.text)
        assert not problem_in(typed, made)
    return made


PARAMETERS = [
    pytest.param(block, id=name_of(block), marks=pytest.mark.xdist_group(folder_of(block)))
    for block in BLOCKS
]


@pytest.mark.parametrize("block", PARAMETERS)
def test_block_runs(block: Block, folder: Path) -> None:
    problem = problem_in(block, folder)
    assert not problem, problem


def test_every_page_is_read() -> None:
    written = set((ROOT / "docs").glob("*.md"))
    assert written <= set(pages())
    assert set(FOLDERS) <= {page.name for page in pages()}
    assert len(BLOCKS) > 10
