"""The pages that are made from the code leave nothing out."""

from __future__ import annotations

import click
import pytest
from command_pages import command_of, command_page, escaped, index_page, write_command_pages
from door_pages import DOORS, exported, write_door_pages
from model_page import PAGE as MODELS_PAGE
from model_page import page as models_page
from quoted_tables import ROOT

from zerotap.cli import cli

TOP = click.Context(cli, info_name="zerotap")
COMMANDS = cli.list_commands(TOP)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_commands_page_has_its_options_and_its_example(name):
    command = command_of(name)
    page = command_page(name, command, TOP)
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert all(word in page for option in options for word in option.opts)
    assert "\b" not in page
    assert f" {name}" in page.split("```text\n", 2)[2], "the help has an example"


def test_a_page_a_command_and_an_index(tmp_path):
    write_command_pages(tmp_path / "commands")
    assert {file.stem for file in (tmp_path / "commands").iterdir()} == {*COMMANDS, "index"}
    index = index_page({name: command_of(name) for name in COMMANDS})
    assert [name for name in COMMANDS if f"]({name}.md)" not in index] == []


def test_marks_in_help_are_text():
    assert escaped("every <BS> of `a<b*c`, a_b [x]") == r"every \<BS\> of `a<b*c`, a\_b \[x\]"


def test_every_exported_name_is_on_its_doors_page(tmp_path):
    write_door_pages(ROOT, tmp_path / "python")
    for door in DOORS:
        page = (tmp_path / "python" / f"{door}.md").read_text(encoding="utf-8")
        names = exported(ROOT.joinpath(*door.split(".")[1:], "__init__.pyi"))
        assert names
        assert [name for name in names if f".{name}" not in page] == []


def test_the_page_of_models_is_current():
    text = MODELS_PAGE.read_text(encoding="utf-8")
    assert models_page(text) == text, "python docs/making/model_page.py"
