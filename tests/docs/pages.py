"""Runs the code that README and docs show, in order, in one temporary folder: `make test-docs`.

Not named test_*.py, so that `make test` leaves it out: it trains models. The folder stands for the
repository's: it has .venv, examples and, as `make demo` leaves it but with fewer messages, demo/messages.csv.
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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that every block runs in."""
    made = tmp_path_factory.mktemp("zerotap")
    (made / ".venv").symlink_to(sys.prefix)
    (made / "examples").symlink_to(ROOT / "examples")
    (made / "demo").mkdir()
    with (made / "demo" / "messages.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("label", "text"), *generate_corpus(MESSAGES, seed=0)])
    return made


@pytest.mark.parametrize("block", BLOCKS, ids=name_of)
def test_block_runs(block: Block, folder: Path) -> None:
    problem = run(block, folder, environment_of(folder, Path(sys.executable).parent))
    assert not problem, problem


def test_every_page_is_read() -> None:
    written = set((ROOT / "docs").glob("*.md"))
    assert written <= set(pages())
    assert len(BLOCKS) > 10
