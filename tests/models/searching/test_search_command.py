"""`zerotap search`: its options, what it says while it goes on, and how it ends."""

import json
import shlex

import pytest
from click.testing import CliRunner

from zerotap.capture import generate_corpus, type_corpus
from zerotap.cli import cli
from zerotap.errors import DoesNotFitError
from zerotap.models import FrontPoint, PlannedCosts, SearchStep
from zerotap.models.commands.search_progress import _Shown, search_progress


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return type_corpus(generate_corpus(40, 0), tmp_path_factory.mktemp("typed") / "moods", seed=0)


def run(*words):
    return CliRunner().invoke(cli, ["search", *map(str, words)])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--latency", "20"), "is no time: give a number above 0 and us, µs, ms, s, as in 20ms"),
        (("--latency", "0ms"), "is no time"),
        (("--latency", "-3ms"), "is no time"),
        (("--latency", "20m"), "is no time"),
        (("--timeout", "10"), "is no time: give a number above 0 and s, m, min, h, as in 10m"),
        (("--trials", "0"), "x>=1"),
        (("--objective", "beauty"), "'cycles', 'flash'"),
        (("--flash", "much"), "is no size"),
    ],
)
def test_what_is_no_value_is_a_usage_error(dataset, tmp_path, words, told):
    result = run(dataset.path, "--out", tmp_path / "out", *words)
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("text", "milliseconds"), [("20ms", 20.0), ("1.5s", 1500.0), ("250us", 0.25)])
def test_a_latency_has_a_unit(text, milliseconds):
    from zerotap.models.commands.search import search

    (latency,) = (option for option in search.params if option.name == "latency_ms")
    assert latency.type.convert(text, None, None) == milliseconds


def test_it_tells_each_trial_and_ends_with_the_command_that_exports(dataset, tmp_path):
    out = tmp_path / "out"
    result = run(
        dataset.path, "--out", out, "--models", "linear", "--trials", "2", "--flash", "64k", "--json"
    )
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["limits"]["flash_bytes"] == 1 << 16
    lines = result.stderr.splitlines()
    assert [line.partition(":")[0] for line in lines if line.startswith("trial ")] == ["trial 0", "trial 1"]
    assert "the front: linear-0" in result.stderr
    export = lines[-1].removeprefix("Next: ")
    assert CliRunner().invoke(cli, shlex.split(export)[1:]).exit_code == 0
    assert (out / told["best"] / "arduino" / "src").is_dir()


def test_an_impossible_budget_ends_with_3(dataset, tmp_path):
    result = run(
        dataset.path, "--out", tmp_path / "out", "--flash", "1k", "--models", "linear", "--trials", "2"
    )
    assert isinstance(result.exception, DoesNotFitError)
    assert result.exception.exit_code == 3


def test_on_a_terminal_the_front_is_a_table():
    from rich.console import Console

    shown = _Shown()
    shown.on_progress("trial 3: training bag: epoch 1 of 40, loss 0.31", 1, 40)
    point = FrontPoint(2, "bag", {"family": "bag"}, 0.91, (0.91,), PlannedCosts(100, 10, 1234, 2000))
    shown.on_step(SearchStep(2, "bag, 0.9100", True, 3, (point,)))
    console = Console(width=100, record=True)
    console.print(shown.renderable())
    text = console.export_text()
    assert "bag-2" in text
    assert "1,234" in text
    assert "3 trials; the last: 2: bag, 0.9100" in text
    assert "epoch 1 of 40" in text


def test_quiet_says_nothing(capsys):
    import click

    with click.Context(click.Command("search")) as context:
        context.meta["zerotap.quiet"] = True
        with search_progress() as (on_step, on_progress):
            on_progress("reading recordings", 0, 0)
            on_step(SearchStep(0, "linear", False, 1, ()))
    assert capsys.readouterr().err == ""
