"""A comparison at a terminal of 80 columns: nothing is cut, and every figure is there."""

import io
from dataclasses import replace

import pytest
from made_comparison import COMPARISON, MODELS, ONE_SEED, PAIRS
from rich.console import Console

from zerotap.models import comparison_table
from zerotap.models.report.comparison_tables import MOST_PAIRS, shown_pairs


def drawn(comparison) -> list[str]:
    console = Console(file=io.StringIO(), width=80, markup=False, emoji=False)
    console.print(comparison_table(comparison))
    return console.file.getvalue().splitlines()


def cells(lines: list[str]) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if line.startswith("│")]


def large(count: int):
    """A comparison of so many models, each as wide as there are."""
    costs = replace(
        MODELS[0].costs,
        flash_bytes=200_000,
        ram_bytes=30_000,
        per_unit=replace(MODELS[0].costs.per_unit, ms_mean=12_345.67, ms_max=99_999.99),
    )
    models = tuple(
        replace(MODELS[0], name=f"hashed-dense:large{number}", costs=costs) for number in range(count)
    )
    counts = {"both": 10_000, "only_a": 1_000, "only_b": 1_000, "none": 10_000}
    pairs = tuple(
        replace(PAIRS[0], a=one.name, b=other.name, **counts)
        for number, one in enumerate(models)
        for other in models[:number]
    )
    champions = tuple(one.name for one in models[:2]) if count > 1 else ()
    verdict = replace(COMPARISON.verdict, pair=champions, text="No winner. " * 40)
    return replace(COMPARISON, models=models, pairs=pairs, verdict=verdict)


@pytest.mark.parametrize("count", [1, 3, 7])
def test_any_number_of_models_fits(count):
    lines = drawn(large(count))
    assert max(map(len, lines)) <= 80
    assert not any("…" in line for line in lines)
    rows = cells(lines)
    for figure in ("0.333-0.899", "2: 0.925 (0.910)", "200,000", "30,312", "12,345.67", "99,999.99"):
        assert sum(figure in row for row in rows) == count
    assert all(row[-1] == "-0.250, -0.500 to +0.000" for row in rows if "10000, 1000, 1000, 10000" in row)


def test_seeds_are_a_column_where_there_are_several():
    once = tuple(replace(model, seeds=ONE_SEED) for model in MODELS)
    lines = drawn(replace(COMPARISON, models=once))
    assert ["conv", "raw", "0.670", "0.333-0.899", "0.700"] in cells(lines)
    assert not any("seeds" in line for line in lines)


def test_a_name_of_any_length_is_folded_and_nothing_of_it_is_lost():
    name = "a" * 200
    long = replace(
        COMPARISON,
        models=(replace(MODELS[0], name=name), MODELS[1]),
        pairs=(replace(PAIRS[0], a=name),),
    )
    lines = drawn(long)
    assert max(map(len, lines)) <= 80
    assert "".join(row[0] for row in cells(lines)).count("a" * 190) == 3


def test_every_figure_is_there():
    lines = drawn(COMPARISON)
    rows = cells(lines)
    assert lines[0] == "sms: 10 test recordings, synthetic data"
    assert ["conv", "raw", "0.670", "0.333-0.899", "0.700", "2: 0.925 (0.910)"] in rows
    assert ["majority", "desktop", "0.375", "0.375-0.375", "0.600", "-"] in rows
    assert ["bag", "6,000", "1,212", "4.20", "190.00", "0.190"] in rows
    assert ["conv - bag", "7, 0, 2, 1", "0.5", "-0.250, -0.500 to +0.000"] in rows
    assert ["bag - majority", "6, 3, 0, 1", "0.5", "+0.400, +0.100 to +0.600"] in rows
    text = " ".join(" ".join(lines).split())
    for part in (
        "640 windows verified, 0 mismatches",
        "mkrzero at 48 MHz, arm-none-eabi-gcc 13.2",
        "oracle TFLite 2.21 BUILTIN_REF",
        "desktop models are not for the board",
        "tcn:large is left out: it takes 300,000 B of flash",
        "Not shown on 10 recordings.",
    ):
        assert part in text
    assert "more pairs" not in text


def test_of_many_pairs_those_of_the_champions_are_shown():
    comparison = large(7)
    reference = COMPARISON.references[0].name
    with_reference = tuple(replace(PAIRS[0], a=one.name, b=reference) for one in comparison.models)
    whole = replace(comparison, pairs=comparison.pairs + with_reference)
    assert len(whole.pairs) == 28
    champions = set(whole.verdict.pair)
    assert [{one.a, one.b} for one in shown_pairs(whole)] == [
        champions,
        *({name, reference} for name in sorted(champions)),
    ]
    assert any("25 more pairs are in report.md" in line for line in drawn(whole))
    assert shown_pairs(COMPARISON) == COMPARISON.pairs
    assert len(COMPARISON.pairs) <= MOST_PAIRS


def test_what_was_not_measured_is_a_dash_and_marks_are_text():
    alone = replace(MODELS[0], name="[red]x[/red]\n", costs=replace(MODELS[0].costs, per_packet=None))
    lines = drawn(replace(COMPARISON, models=(alone,), references=(), pairs=()))
    assert ["[red]x[/red]\\n", "14,208", "2,616", "56.90", "190.00", "-"] in cells(lines)
    assert not any("McNemar" in line or "desktop" in line for line in lines)
