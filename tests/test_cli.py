"""The command line as a whole: which commands there are, in which order, and what each has."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from zerotap import cli as command_line
from zerotap.cli import SECTIONS, cli

ORDER = [
    "devices",
    "doctor",
    "udev",
    "record",
    "watch",
    "import",
    "type",
    "info",
    "label",
    "split",
    "remove",
    "text",
    "convert",
    "windows",
    "transforms",
    "models",
    "baseline",
    "train",
    "evaluate",
    "compare",
    "search",
    "report",
    "quantise",
    "analyse",
    "verify",
    "export",
    "simulate",
    "flash",
    "classify",
    "demo",
]


def _commands() -> dict[str, click.Command]:
    context = click.Context(cli)
    return {name: cli.get_command(context, name) for name in cli.list_commands(context)}


def test_commands_come_in_the_order_of_work():
    assert [name for section in SECTIONS.values() for name in section] == ORDER
    listed = list(_commands())
    assert listed == [name for name in ORDER if name in listed], "a command stands in no section"


def test_help_tells_whole_summaries_in_eighty_columns():
    shown = CliRunner().invoke(cli, ["--help"]).output
    assert "..." not in shown.partition("[ARGS]...")[2]
    assert max(map(len, shown.splitlines())) <= 80
    words = " ".join(shown.split())
    for command in _commands().values():
        assert " ".join(command.get_short_help_str(1000).split()) in words
    titles = [title for title in SECTIONS if f"\n{title}:\n" in shown]
    assert titles == [title for title in SECTIONS if set(SECTIONS[title]) & set(_commands())]


@pytest.mark.parametrize("name", _commands())
def test_every_command_can_be_quiet_and_shows_how_it_is_used(name):
    shown = CliRunner().invoke(cli, [name, "--help"]).output
    assert len(re.findall("-q, --quiet", shown)) == 1
    assert re.search(rf"Examples?:\s[\s\S]*zerotap\S* {name}\b", shown), shown


def test_a_command_that_reports_can_do_so_in_json():
    silent = {"udev"}
    assert [n for n, c in _commands().items() if not any("--json" in p.opts for p in c.params)] == [
        name for name in _commands() if name in silent
    ]


NUMBERS = [
    (name, param)
    for name, command in _commands().items()
    for param in command.params
    if isinstance(param.type, click.types.FloatParamType)
]


@pytest.mark.parametrize(("name", "param"), NUMBERS, ids=[f"{name} {p.opts[0]}" for name, p in NUMBERS])
@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999"])
def test_what_is_no_finite_number_is_a_wrong_usage(name, param, value):
    with pytest.raises(click.BadParameter) as raised:
        param.type.convert(value, param, None)
    assert raised.value.exit_code == 2


def test_a_margin_of_nan_is_a_wrong_usage(tmp_path):
    words = ["compare", str(tmp_path), "--out", str(tmp_path / "out"), "--margin", "nan"]
    result = CliRunner().invoke(cli, words)
    assert result.exit_code == 2 and "'nan' is no finite number" in result.output


def test_a_command_is_looked_for_in_its_own_room_alone():
    code = "import sys, zerotap.cli as c; c._find('record'); print('zerotap.models' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"


def test_a_command_that_no_section_names_is_found_and_listed_last(monkeypatch):
    @click.command("sideways")
    def sideways():
        """Go sideways."""

    import zerotap.features.commands as home

    monkeypatch.setattr(home, "sideways", sideways, raising=False)
    shown = CliRunner().invoke(cli, ["--help"]).output
    before, _, after = shown.partition("More:")
    assert "demo" in before and "sideways  Go sideways" in after
    assert CliRunner().invoke(cli, ["sideways"]).exit_code == 0


def test_what_the_system_refuses_is_one_sentence(monkeypatch, capsys):
    def refuse(**_given):
        raise OSError(28, "No space left on device", "some/file")

    monkeypatch.setattr(command_line, "cli", refuse)
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert ended.value.code == 1 and signal.getsignal(signal.SIGTERM) == before
    said = capsys.readouterr().err
    assert said.startswith("zerotap: some/file (No space left on device): ") and said.count("\n") == 1


def test_an_unknown_command_is_a_wrong_usage():
    result = CliRunner().invoke(cli, ["no-such"])
    assert result.exit_code == 2 and "No such command" in result.output
    assert command_line.HOMES[0] == "capture.commands"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /dev/full")
@pytest.mark.parametrize("words", [["transforms"], ["transforms", "--json"], ["--help"], ["info", "--help"]])
@pytest.mark.parametrize("buffered", ["1", ""])
def test_a_full_disk_under_stdout_is_one_sentence(words, buffered):
    with Path("/dev/full").open("w") as full:
        done = _zerotap(words, full, subprocess.PIPE, PYTHONUNBUFFERED=buffered)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "zerotap: standard output (No space left on device): see what may be written there, "
        "and what space is left"
    ]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /dev/full")
def test_work_goes_on_where_stderr_takes_nothing():
    with Path("/dev/full").open("w") as full:
        done = _zerotap(["transforms"], subprocess.PIPE, full)
        failed = _zerotap(["info", "nowhere"], subprocess.PIPE, full)
    assert done.returncode == 0 and "decimate" in done.stdout
    assert failed.returncode == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
def test_a_closed_pipe_is_silent():
    command = f"{sys.executable} -m zerotap transforms -q | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stderr == "" and done.returncode in (0, 1)


def _zerotap(words, out, err, **environment):
    command = [sys.executable, "-m", "zerotap", *words]
    return subprocess.run(command, stdout=out, stderr=err, text=True, env={**os.environ, **environment})
