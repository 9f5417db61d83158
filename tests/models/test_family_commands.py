"""`zerotap models`, and the options of train that say which family, in which size."""

import json

import pytest
from click.testing import CliRunner

from zerotap.errors import ModelError
from zerotap.models import commands
from zerotap.models.families.registry import names


def shown(*arguments: str) -> str:
    return CliRunner().invoke(commands.models, arguments, catch_exceptions=False).stdout


def test_every_family_is_listed_with_its_sizes_and_costs():
    text = shown()
    assert [name for name in names() if f"\n{name}" not in f"\n{text}"] == []
    assert "bag, text (text): A bag of hashed words" in text
    assert "--preset ancestor 8-16-8-2" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_one_is_shown_whole_and_under_its_other_name():
    assert "Joulin and others" in shown("text")
    report = json.loads(shown("tcn", "--json"))["models"]
    assert [one["name"] for one in report] == ["tcn"]
    assert {size["name"] for size in report[0]["sizes"]} == {"default", "small"}
    assert all(size["cost"]["cycles"] > 0 for size in report[0]["sizes"])


def test_linear_is_shown_for_features_too():
    kinds = [one["kind"] for one in json.loads(shown("linear", "--json"))["models"]]
    assert "raw" in kinds


def test_an_unknown_family_lists_the_known_ones():
    with pytest.raises(ModelError, match=r"no model 'forst': choose one of dense, conv"):
        shown("forst")


@pytest.mark.parametrize("widths", ["16,x", "", "0,8", "-3", "1.5", "9" * 5000])
def test_layers_that_are_no_widths_are_a_usage_error(widths, tmp_path):
    arguments = ["--dataset", str(tmp_path), "--out", str(tmp_path / "m"), "--model", "dense"]
    done = CliRunner().invoke(commands.train, [*arguments, "--layers", widths])
    assert done.exit_code == 2
    assert "no widths: give whole numbers from 1 on, as in 16,8" in " ".join(done.stderr.split())
