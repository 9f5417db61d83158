"""What the documentation quotes is what the results on disk say, and what it names is there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from command_pages import command_of
from picture import draw
from quoted_tables import ROOT, filled, pages
from shell_blocks import blocks_of, parse_problem, zerotap_lines
from wiring import PICTURES

WRITTEN = [*pages(), ROOT / "CONTRIBUTING.md"]
BENCHMARKS = sorted((ROOT / "benchmarks").glob("*/README.md"))
ROOMS = ("capture", "features", "models", "firmware")
FOLDERS = "|".join([*ROOMS, "tests", "docs", "benchmarks", "examples"])


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_tables_are_those_of_the_results(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert filled(text) == text, "python docs/making/quoted_tables.py"


def test_readme_quotes_both_tables() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.count("<!-- demo -->\n|") == readme.count("<!-- engine -->\n|") == 1


def test_the_picture_is_that_of_the_report() -> None:
    report = json.loads((ROOT / "docs" / "demo-report.json").read_text(encoding="utf-8"))
    picture = (ROOT / "docs" / "flow.svg").read_text(encoding="utf-8")
    assert draw(report) == picture, "python docs/making/picture.py"


@pytest.mark.parametrize("file", PICTURES)
def test_the_wiring_is_that_of_the_boards_table(file: str) -> None:
    picture = (ROOT / "docs" / file).read_text(encoding="utf-8")
    assert PICTURES[file]() == picture, "python docs/making/wiring.py"


@pytest.mark.parametrize("page", WRITTEN + BENCHMARKS, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_files_that_are_named_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(rf"`((?:{FOLDERS})/[\w/.-]*)`", text)
    missing = [name for name in named if not (ROOT / name).exists() and "NAME" not in name]
    assert not missing


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name)
def test_links_outside_of_the_site_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_every_command_that_is_shown_parses(page: Path) -> None:
    problems = [parse_problem(line) for block in blocks_of(page) for line in zerotap_lines(block)]
    assert not list(filter(None, problems))


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_every_command_that_is_named_is_there(page: Path) -> None:
    for name in re.findall(r"`zerotap ([a-z]+)", page.read_text(encoding="utf-8")):
        command_of(name)


def test_make_has_what_readme_names_and_ci_runs_nothing_else() -> None:
    named = set(re.findall(r"make ([a-z-]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    lines = re.findall(r"^\s*make (.+)", script, re.MULTILINE)
    run = {word for line in lines for word in line.split() if re.fullmatch("[a-z][a-z-]*", word)}
    assert named <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert run <= named


def test_every_room_is_on_the_page_of_the_architecture() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    packages = [path.parent for folder in ROOMS for path in (ROOT / folder).glob("*/__init__.py")]
    rooms = [f"{package.relative_to(ROOT)}/" for package in packages]
    assert [room for room in rooms if f"`{room}`" not in page] == []
