"""report.md: every name is shown as it is, and none makes a mark, a tag, a cell or a line."""

import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from made_comparison import COMPARISON, DATA, EVIDENCE, MODELS, REFERENCES
from markdown_it import MarkdownIt

from zerotap.models import SideCounts, report_markdown
from zerotap.models.comparing.markdown_text import code_block, escaped, table
from zerotap.reporting import visible

NASTY = "</td>|`a`*b*_c_ <script>alert(1)</script>\n# d\\| [e](http://x) &amp; \u202e ~~f~~ $g$"
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def shown(inline) -> str:
    """The text of an inline token; fails where a part of it is anything but text."""
    assert {one.type for one in inline.children} <= {"text", "text_special"}, inline.content
    return "".join(one.content for one in inline.children)


def cells(markdown: str) -> list[list[str]]:
    """The rows of every table that is in it."""
    rows: list[list[str]] = []
    for token in MARKDOWN.parse(markdown):
        if token.type == "tr_open":
            rows.append([])
        if token.type == "inline" and token.level > 3:
            rows[-1].append(shown(token))
    return rows


def as_shown(text: str) -> str:
    return visible(text).replace("\t", " ").strip()


TEXT = st.text(st.characters(codec="utf-8"), max_size=30) | st.text(
    "\\|`*_[]()<>#!-+.1 ~&;a$=\n", max_size=12
)


@given(TEXT, TEXT)
@example(NASTY, "\\|")
@example("1. a", "- b")
@example("1234. a", "12)")
@example("+ a", "=")
@example("&lt;b&gt;", "**b**")
@settings(max_examples=300, deadline=None)
def test_any_text_is_shown_as_it_is_in_a_cell_and_as_a_paragraph(one, other):
    markdown = table(["a", "b"], [[escaped(one), escaped(other)]], 1)
    assert cells(markdown)[1] == [as_shown(one), as_shown(other)]
    tokens = MARKDOWN.parse(escaped(one))
    if as_shown(one):
        assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
        assert shown(tokens[1]) == as_shown(one)


@pytest.mark.parametrize("command", ["zerotap compare x", "zerotap compare '```'", "a\n```\n<b>", "`"])
def test_a_command_is_one_block(command):
    (token,) = MARKDOWN.parse(code_block(command))
    assert token.type == "fence"
    assert token.content == f"$ {visible(command)}\n"


def test_a_report_of_names_that_are_marks_is_read_as_it_was_written():
    renamed = replace(MODELS[0], name=NASTY)
    data = replace(
        DATA,
        dataset=NASTY,
        classes=(NASTY, "spam"),
        recordings=SideCounts(40, 10, {NASTY: (25, 6), "spam": (15, 4)}),
        split=NASTY,
    )
    pairs = tuple(replace(pair, a=NASTY) for pair in COMPARISON.pairs)
    verdict = replace(COMPARISON.verdict, text=f"{NASTY} wins.")
    report = replace(
        COMPARISON, models=(renamed, MODELS[1]), data=data, pairs=pairs, verdict=verdict, command=NASTY
    )
    markdown = report_markdown(report)
    assert [row[0] for row in cells(markdown)].count(as_shown(NASTY)) == 1 + 1 + 2 + 3 + 1 + 1
    headings = re.findall("^## (.*)$", markdown, re.MULTILINE)
    assert headings == ["Data", "Models", "Narrower weights", "Pairs", "How it was verified", "Made with"]
    kinds = {token.type for token in MARKDOWN.parse(markdown)}
    assert "html_block" not in kinds and "link_open" not in kinds


def test_each_number_of_the_report_is_there():
    markdown = report_markdown(COMPARISON)
    rows = {(row[0], row[1]): row for row in cells(markdown)}
    assert rows["ham", "25"] == ["ham", "25", "6"]
    assert rows["all", "40"] == ["all", "40", "10"]
    board = MODELS[1].scores.board
    assert rows["bag", "text"][2:5] == [
        f"{board.macro_f1:.3f}",
        f"{board.macro_f1_interval.low:.3f} to {board.macro_f1_interval.high:.3f}",
        "0.900",
    ]
    assert rows["bag", "text"][5:] == [
        *[f"{board.macro_f1:.3f}", "0.925 (0.910) of 2", "6,000", "1,212", "4.20", "190.00", "0.190"],
    ]
    assert rows["majority", "desktop"][2] == f"{REFERENCES[0].scores.macro_f1:.3f}"
    assert rows["majority", "desktop"][5:] == ["-"] * 7
    assert rows["conv", "4"] == ["conv", "4", "0.880", "10,000", "201,000"]
    assert rows["conv", "bag"][2:8] == ["7", "0", "2", "1", "0.5", "0.5"]
    assert rows["conv", "bag"][8:] == ["-0.250 (95 % interval -0.500 to +0.000)", "not shown"]
    assert rows["bag", "mkrzero"][2:] == ["arm-none-eabi-gcc 13.2", "TFLite 2.21 BUILTIN_REF", "320", "0"]
    assert "Not shown on 10 recordings." in markdown
    assert "tcn:large is left out: it takes 300,000 B of flash" in markdown
    assert "$ zerotap compare sms --out out" in markdown


def test_what_a_kilobyte_buys_is_a_table_of_its_own():
    markdown = report_markdown(COMPARISON, EVIDENCE.by_flash | {NASTY: EVIDENCE.by_flash["conv"][:1]})
    part = markdown.split("## What a kilobyte buys")[1].split("\n## ")[0]
    assert cells(part) == [
        ["model", "flash, B", "RAM, B", "cycles of one invoke", "ms", "cycles that a KB more saves"],
        ["conv", "9,000", "2,048", "400,000", "8.333", ""],
        ["conv", "14,208", "2,100", "191,000", "3.979", "41,094"],
        [as_shown(NASTY), "9,000", "2,048", "400,000", "8.333", ""],
    ]
    assert "What a kilobyte buys" not in report_markdown(COMPARISON)


def test_streamed_and_whole_stand_below_each_other():
    waiting = replace(EVIDENCE.ways["conv"], is_streamed=False, streamed=None, because=NASTY)
    markdown = report_markdown(COMPARISON, ways=EVIDENCE.ways | {"bag": waiting})
    part = markdown.split("## Streamed and whole")[1].split("\n## ")[0]
    assert cells(part)[1:] == [
        ["conv", "streamed", "yes", "1,900", "41,000", "0.860", "31,000", "3,000"],
        ["conv", "whole", "no", "9,000", "402,000", "8.400", "14,000", "3,500"],
        ["bag", "whole", "yes", "9,000", "402,000", "8.400", "14,000", "3,500"],
    ]
    assert escaped(NASTY) in part
    assert "Streamed and whole" not in report_markdown(COMPARISON)


def test_parts_that_are_not_there_leave_no_heading():
    alone = replace(MODELS[0], narrow=(), scores=replace(MODELS[0].scores, floats=None))
    costs = replace(alone.costs, per_packet=None)
    report = replace(COMPARISON, models=(replace(alone, costs=costs),), references=(), pairs=(), left_out=())
    markdown = report_markdown(report)
    assert "## Pairs" not in markdown
    assert "## Narrower" not in markdown
    assert "left out" not in markdown
    assert next(row for row in cells(markdown) if row[0] == "conv")[5] == "-"


def test_an_invoke_is_told_by_both_clocks_where_they_are_known() -> None:
    rows = [row for row in cells(report_markdown(COMPARISON)) if "238,700" in row]
    assert rows and rows[0][1:] == ["191,000", "238,700", "238,800", "4.972", "4.975", "5.000"]
    before = tuple(replace(one, costs=replace(one.costs, on_board=None)) for one in MODELS)
    assert "at zero wait states" not in report_markdown(replace(COMPARISON, models=before))
