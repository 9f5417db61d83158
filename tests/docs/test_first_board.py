"""docs/first-board.md quotes what zerotap says, and has every example and the board's own figures."""

from __future__ import annotations

import ast
import re
from functools import cache
from itertools import chain

import pytest
from quoted_tables import ROOT

from zerotap.firmware.board import MKR_ZERO
from zerotap.firmware.library.sketches import EXAMPLES

PAGE = (ROOT / "docs" / "first-board.md").read_text(encoding="utf-8")
ERRORS = PAGE.partition("## What errors mean")[2].partition("\n## ")[0]
CELLS = [line.split(" | ")[0] for line in ERRORS.splitlines() if line.startswith("| ")]
QUOTED = [quote for cell in CELLS for quote in re.findall(r'"([^"]+)"', cell)]
ANY = "\0"
ROOMS = ("capture/serial_ports", "firmware/c_code", "firmware/delivery", "firmware/library", "workflow")
IMAGES = [ROOT / "firmware" / name for name in ("images.py", "simulation/board/image.py")]


@cache
def sentences() -> tuple[str, ...]:
    """Every text of the modules that speak of boards, ANY where a value stands in it."""
    files = chain(IMAGES, *((ROOT / room).rglob("*.py") for room in ROOMS))
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    plain = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return (*plain, *(filled(node) for node in nodes if isinstance(node, ast.JoinedStr)))


def filled(node: ast.JoinedStr) -> str:
    return "".join(str(part.value) if isinstance(part, ast.Constant) else ANY for part in node.values)


def is_said(quote: str) -> bool:
    """Whether a module has it: "..." and a program's name, which is a constant there, stand for a value."""
    with_values = re.sub(r"\.\.\.|arduino-cli", ANY, quote)
    return any(with_values in text for text in sentences())


def test_there_are_errors_to_look_up() -> None:
    assert len(QUOTED) > 20
    assert not is_said("the board has the build ..., and is green")


@pytest.mark.parametrize("quote", QUOTED)
def test_every_quoted_error_is_one_that_zerotap_says(quote: str) -> None:
    assert is_said(quote)


def test_every_example_is_in_the_table_of_what_is_said() -> None:
    table = PAGE.partition("## What it says, and where")[2].partition("\n## ")[0]
    assert [name for name in EXAMPLES if f"\n| {name} |" not in table] == []


def test_the_figures_are_the_board_s() -> None:
    assert set(re.findall(r"--fqbn (\S+)", PAGE)) == {MKR_ZERO.fqbn}
    assert f"{MKR_ZERO.flash_bytes:,} B are free" in PAGE
    assert f"{MKR_ZERO.ram_bytes:,} B are for all" in PAGE
    assert f"Serial1 ({MKR_ZERO.serial_pin}, 115200 baud)" in PAGE
    folders = set(re.findall(r"Mood/examples/(\w+)", PAGE))
    assert folders <= set(EXAMPLES)
    assert all(f"{name}/{name}.ino" in PAGE for name in folders)


def test_there_are_ten_steps() -> None:
    steps = re.findall(r"^## (\d+)\. ", PAGE, re.MULTILINE)
    assert steps == [str(number) for number in range(1, 11)]
