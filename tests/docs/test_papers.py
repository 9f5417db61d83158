"""Faults name tests that exist, licences and versions are those of what is installed, promises are linked."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import sys
import tomllib
from functools import cache
from pathlib import Path

import licences
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from quoted_tables import ROOT

FAULTS = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
ROWS = [line for line in FAULTS.splitlines() if re.match(r"\| (?!---|fault \|)", line)]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
# Measured by hand alone; CI installs none of it.
NOT_INSTALLED = {"benchmarks"}


@cache
def names_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_there_are_enough_faults_and_some_on_real_parts() -> None:
    assert len(ROWS) >= 40
    assert sum("**r**" in row for row in ROWS) >= 8


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:50])
def test_every_fault_has_tests_that_exist(row: str) -> None:
    fault, what, shown = (cell.strip() for cell in row.strip("|").split(" | "))
    assert fault
    assert what
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", shown)
    assert len(named) == shown.count("<br>") + 1
    assert [name for file, name in named if name not in names_in(ROOT / file)] == []


def test_real_parts_are_those_of_the_guest() -> None:
    real = re.findall(r"`(tests/[\w/]+\.py)::\w+` \*\*r\*\*", FAULTS)
    others = re.findall(r"`(tests/[\w/]+\.py)::\w+`(?! \*\*r\*\*)", FAULTS)
    assert all("usb_vm" in file for file in real)
    assert not [file for file in others if "usb_vm" in file]


def test_notice_lists_what_is_installed() -> None:
    assert licences.notice() == (ROOT / "NOTICE").read_text(encoding="utf-8"), (
        "python docs/making/licences.py"
    )
    assert "unicorn: GPL-2.0" in licences.notice()


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def required() -> list[Requirement]:
    more = [text for name, texts in EXTRAS.items() if name not in NOT_INSTALLED for text in texts]
    return [Requirement(text) for text in [*PROJECT["dependencies"], *more] if "zerotap[" not in text]


def test_every_requirement_is_pinned_within_its_bounds() -> None:
    for requirement in required():
        pinned = pins()[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(pinned, prereleases=True), f"{requirement}: {pinned}"


def test_every_package_that_is_listed_is_pinned() -> None:
    assert set(licences.closure()) - licences.NOT_PINNED <= set(pins())


def test_what_zerotap_installs_has_an_upper_bound() -> None:
    loose = [text for text in PROJECT["dependencies"] if "<" not in str(Requirement(text).specifier)]
    assert not loose


def test_ci_installs_with_the_constraints() -> None:
    for file in ("Makefile", ".ci/pythons"):
        assert "--constraint constraints.txt" in (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["SECURITY.md", "docs/privacy.md"])
def test_what_a_promise_names_is_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    files = re.findall(r"`((?:docs|tests|benchmarks)/[\w/.]+|NOTICE|constraints\.txt)`", text)
    assert files
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []
    assert [file for file in files if not (ROOT / file).exists()] == []


@pytest.mark.parametrize(
    ("script", "file", "key"),
    [("measure.py", "results.json", "seeds"), ("measure_tables.py", "tables.json", "tables")],
)
def test_the_table_of_the_attacks_is_that_of_the_results(
    script: str, file: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = ROOT / "benchmarks" / "privacy"
    monkeypatch.syspath_prepend(str(folder))
    spec = importlib.util.spec_from_file_location("measure_privacy", folder / script)
    assert spec
    assert spec.loader
    measure = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(measure)
    del sys.modules["attacks"], sys.modules["measuring"]
    results = json.loads((folder / file).read_text(encoding="utf-8"))
    assert "\n".join(measure.table_lines(results[key])) in (folder / "README.md").read_text(encoding="utf-8")
    assert results["messages"] == 2400
    assert not measure.misses(results[key])
