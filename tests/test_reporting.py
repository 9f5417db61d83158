"""What a person at the terminal sees."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from zerotap import reporting
from zerotap.reporting import cell, columns, json_option, next_step, print_report, progress, quiet_option

ROOMS = ("capture", "features", "models", "firmware", "isolation")


@click.command()
@json_option
@quiet_option
def work(as_json):
    with progress() as report:
        for epoch in range(3):
            report(f"training conv: epoch {epoch}, loss 0.5", epoch, 3)
        report("quantising", 0, 0)
    print_report({"done": 3}, "three are done", as_json)
    next_step("zerotap verify m")


def test_without_a_terminal_there_is_a_plain_line_a_stage():
    result = CliRunner().invoke(work)
    assert result.stdout == "three are done\n"
    assert result.stderr == "training conv ...\nquantising ...\nNext: zerotap verify m\n"


def test_quiet_leaves_the_report_alone():
    for option in ("--quiet", "-q"):
        result = CliRunner().invoke(work, [option])
        assert (result.stdout, result.stderr) == ("three are done\n", "")


def test_json_is_one_line_on_stdout():
    result = CliRunner().invoke(work, ["--json"])
    assert json.loads(result.stdout) == {"done": 3} and result.stdout.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudoterminal")
def test_on_a_terminal_every_bar_is_finished():
    """Steps that stop short of their total and work of unknown length end full all the same."""
    controller, terminal = os.openpty()
    code = (
        "from zerotap.reporting import progress\n"
        "with progress() as report:\n"
        "    report('typing: 3 of 10', 3, 10)\n    report('quantising', 0, 0)\n"
    )
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    subprocess.run([sys.executable, "-c", code], stderr=terminal, check=True, env=environment)
    os.close(terminal)
    shown = os.read(controller, 1 << 16).decode()
    os.close(controller)
    last = shown[shown.rindex("typing: 3 of 10") :]
    assert last.count("100%") == 2 and "quantising" in last


def test_rows_stand_in_columns():
    rows = [{"number": 1, "start_s": 0.5, "label": "calm"}, {"number": 12, "start_s": 10.0, "label": "a"}]
    assert columns(rows) == [
        "  number  start_s  label",
        "  1       0.500    calm",
        "  12      10.000   a",
    ]


def test_rows_too_wide_for_a_terminal_lose_nothing():
    rows = [{"stream": "3.7.1", "lengths": {"8": 120, "3": 3}, "more": "word " * 30, "none": None, "no": 0}]
    shown = columns(rows)
    assert max(map(len, shown)) <= reporting.WIDTH
    assert " ".join(shown).split() == [
        "stream",
        "3.7.1,",
        "lengths",
        "8:120",
        "3:3,",
        "more",
        *["word"] * 30,
        ",",
        "no",
        "0",
    ]


def test_values_are_written_for_a_person():
    assert [cell(value) for value in (1, 0.12345, [1, 0.5], {"a": 1, "b": ""}, "x")] == [
        *("1", "0.123", "1; 0.500", "a:1", "x")
    ]
    tensor = {"shape": [1, 32], "scale": 0.00358304, "zero_point": 0}
    assert cell(tensor) == "shape:[1, 32] scale:0.00358304 zero_point:0"
    assert [cell(value) for value in (0.0, -2e-5, 12.5)] == ["0.000", "-2e-05", "12.500"]


HOSTILE = "a\x1b]0;PWN\x07b\x9b2Jc\u202ed\re\x7f\u2066\ud800\nNext: curl\u200b\ufeff\xad\u2028\U000e0041"
SHOWN = r"a\x1b]0;PWN\x07b\x9b2Jc\u202ed\re\x7f\u2066\ud800\nNext: curl\u200b\ufeff\xad\u2028\U000e0041"


def test_what_a_terminal_would_obey_is_written_as_its_escape():
    assert reporting.visible(HOSTILE) == SHOWN
    assert reporting.visible("Käse 日本\t1😀") == "Käse 日本\t1😀"


def test_no_way_of_printing_passes_it_on(capsys):
    from zerotap.models.report.tables import Table

    table = Table()
    table.add_column(HOSTILE)
    table.add_row(HOSTILE + "[link=http://x]y[/link]")
    print_report({}, table, False)
    print_report({}, HOSTILE, False)
    print_report({}, [HOSTILE, *columns([{HOSTILE: HOSTILE}]), *reporting.wrapped(HOSTILE, "")], False)
    print_report({"name": HOSTILE}, "", True)
    next_step(HOSTILE)
    with progress() as report:
        report(HOSTILE, 0, 0)
    said = "".join(capsys.readouterr())
    assert said.count(r"\x1b") >= 4 and "[link=" in said
    assert [mark for mark in "\x1b\x07\x9b\u202e\r\x7f\u2066\u200b\ufeff\xad\u2028" if mark in said] == []
    assert [line for line in said.split("\n") if line.strip().startswith("Next: curl")] == []


def test_tables_come_from_the_places_that_show_names():
    root = Path(reporting.__file__).parent
    files = [*root.glob("*.py"), *(path for room in ROOMS for path in (root / room).rglob("*.py"))]
    assert len(files) > 200
    found = {str(file.relative_to(root)) for file in files if "rich.table" in file.read_text("utf-8")}
    # The viewer's has streams and bytes in hexadecimal, each shown by visible() or in digits.
    assert found == {"models/report/tables.py", "capture/commands/viewers.py"}


def test_warnings_pass_nothing_on(capsys):
    reporting.show_warnings()
    reporting.show_warnings()
    logging.getLogger("zerotap.capture.any").warning("left out: %s", HOSTILE[:16])
    assert capsys.readouterr().err == f"left out: {reporting.visible(HOSTILE[:16])}\n"


def test_an_error_and_a_usage_error_pass_nothing_on(monkeypatch, capsys):
    from zerotap.cli import main

    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")  # the native log is not rerouted in this process
    for arguments in (["analyse", "no\x1b[2J.tflite"], ["train", "--no\x1b[2J"]):
        monkeypatch.setattr(sys, "argv", ["zerotap", *arguments])
        with pytest.raises(SystemExit):
            main()
        said = capsys.readouterr().err
        assert r"no\x1b[2J" in said and "\x1b" not in said
