"""docs/report-format.md tells every field of the two schemas, and no other."""

import json
import re

import pytest
from quoted_tables import ROOT

PAGE = (ROOT / "docs" / "report-format.md").read_text(encoding="utf-8")
FILES = ("report", "evidence")


def schema(name: str) -> dict:
    return json.loads((ROOT / "models" / "comparing" / f"{name}-schema.json").read_text(encoding="utf-8"))


def fields(node) -> set[str]:
    """The names of every field, at any depth."""
    if isinstance(node, list):
        return set().union(*map(fields, node))
    if not isinstance(node, dict):
        return set()
    own = set(node["properties"]) if isinstance(node.get("properties"), dict) else set()
    return own.union(*(fields(one) for one in node.values()))


def part(name: str) -> str:
    """What the page says of a file."""
    return PAGE.split(f"\n## {name}.json\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("name", FILES)
def test_each_field_is_told(name):
    told = set(re.findall(r"`(\w+)`", part(name)))
    assert fields(schema(name)) - told == set()


@pytest.mark.parametrize("name", FILES)
def test_what_a_tables_row_names_is_a_field(name):
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", part(name), re.MULTILINE)
    assert rows
    named = {word for row in rows for word in re.findall(r"`(\w+)`", row)}
    assert named - fields(schema(name)) == set()


@pytest.mark.parametrize("name", FILES)
def test_what_may_be_missing_is_marked(name):
    def optional(node):
        if isinstance(node, list):
            return set().union(*map(optional, node))
        if not isinstance(node, dict):
            return set()
        own = set(node["properties"]) - set(node["required"]) if "required" in node else set()
        return own.union(*(optional(one) for one in node.values()))

    assert set(re.findall(r"\| `(\w+)` \| \*optional\*", part(name))) == optional(schema(name))
