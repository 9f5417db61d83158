"""`zerotap transforms`: every transform on 80 columns, one of them whole, and as JSON."""

import json
import tomllib

import pytest
from click.testing import CliRunner

from zerotap.cli import cli
from zerotap.errors import FeatureError
from zerotap.features.transforms import describe, names


def shown(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["transforms", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_the_list_has_every_transform_with_its_fields_and_cost_on_80_columns():
    text = shown()
    assert max(map(len, text.splitlines())) <= 80
    blocks = dict(zip(names(), text.split("\n\n"), strict=True))
    for name, block in blocks.items():
        one = describe(name)
        words = " ".join(block.split())
        assert words.startswith(f"{name}: {one.summary}")
        for parameter in one.parameters:
            assert f" {parameter.name} {parameter.about.meaning}: {parameter.type_name}, " in words
            assert parameter.about.allowed in words
        cost = f"cost {one.costs[0].cycles_median:,} cycles" if one.costs else "runs on the host only: "
        assert cost in words


@pytest.mark.parametrize("name", names())
def test_one_is_shown_whole_with_a_stage_to_copy(name):
    text = shown(name, "--quiet")
    one = describe(name)
    assert max(map(len, text.splitlines())) <= 80
    assert " ".join(one.text.split()) in " ".join(text.split())
    (stage,) = tomllib.loads(text[text.index("[[stages]]") :])["stages"]
    assert stage == tomllib.loads(one.toml)["stages"][0]
    assert f"zerotap.features.transforms.{one.class_name}" in text


def test_json_has_what_is_shown():
    every = json.loads(shown("--json"))["transforms"]
    assert [one["name"] for one in every] == names()
    one = json.loads(shown("windows", "--json"))
    assert one == every[-1]
    assert one["fields"][1] == {
        "name": "hop",
        "type": "int",
        "required": True,
        "meaning": "from one window's start to the next's",
        "unit": "items",
        "allowed": "1 to length",
    }
    assert one["fields"][3]["default"] == "zero"


def test_the_next_command_is_named_on_stderr_unless_quiet():
    assert "Next: zerotap transforms NAME" in CliRunner().invoke(cli, ["transforms"]).stderr
    assert CliRunner().invoke(cli, ["transforms", "-q"]).stderr == ""


def test_an_unknown_one_lists_the_known():
    with pytest.raises(FeatureError, match=r"no transform 'fourier'.*spectrum"):
        CliRunner().invoke(cli, ["transforms", "fourier"], catch_exceptions=False)
