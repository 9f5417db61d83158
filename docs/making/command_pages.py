"""One page a command, from the command itself: what `zerotap NAME --help` says, as Markdown."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click

from zerotap.cli import SECTIONS, cli


def write_command_pages(folder: Path) -> None:
    """Write NAME.md for each command and an index.md, in the order in which `zerotap --help` lists them."""
    folder.mkdir()
    top = click.Context(cli, info_name="zerotap", **cli.context_settings)
    commands = {name: command_of(name) for name in cli.list_commands(top)}
    for name, command in commands.items():
        (folder / f"{name}.md").write_text(command_page(name, command, top), encoding="utf-8")
    (folder / "index.md").write_text(index_page(commands), encoding="utf-8")


def command_of(name: str) -> click.Command:
    """Return the command of that name. Raises KeyError where there is none."""
    command = cli.get_command(click.Context(cli), name)
    if command is None:
        raise KeyError(name)
    return command


def index_page(commands: dict[str, click.Command]) -> str:
    """A table of commands a section, each with its summary and a link to its page."""
    intro = "Every command has `--help`; these pages say the same, and come from the same code."
    tables = [_section(title, {name: commands[name] for name in names}) for title, names in SECTIONS.items()]
    toctree = "\n".join(["```{toctree}", ":hidden:", *commands, "```"])
    return "\n\n".join(["# Commands", intro, *tables, toctree]) + "\n"


def _section(title: str, commands: dict[str, click.Command]) -> str:
    rows = [f"| [`{name}`]({name}.md) | {escaped(_summary(command))} |" for name, command in commands.items()]
    return "\n".join([f"## {title}", "", "| command | what it does |", "| --- | --- |", *rows])


def command_page(name: str, command: click.Command, top: click.Context) -> str:
    """The page of one command: usage, help and its options."""
    context = click.Context(command, info_name=name, parent=top)
    usage = " ".join(["zerotap", name, *command.collect_usage_pieces(context)])
    parts = [f"# zerotap {name}", f"```text\n{usage}\n```", *_paragraphs(command), "## Options"]
    return (
        "\n\n".join(
            [*parts, "\n".join(["| option | meaning |", "| --- | --- |", *_options(command, context)])]
        )
        + "\n"
    )


def _summary(command: click.Command) -> str:
    """The help's first paragraph, on one line."""
    return " ".join(inspect.cleandoc(command.help or "").split("\n\n")[0].split())


def _paragraphs(command: click.Command) -> Iterator[str]:
    """Yield the help by paragraph; what click may not wrap (after \\b) as code under its heading."""
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        if not paragraph.startswith("\b"):
            yield escaped(" ".join(paragraph.split()))
            continue
        heading, *lines = paragraph.removeprefix("\b\n").splitlines()
        yield escaped(heading)
        yield "\n".join(["```text", *(line.strip() for line in lines), "```"])


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield a row of the table an option; click adds defaults and ranges to the help itself."""
    for parameter in command.get_params(context):
        names, meaning = (" ".join(text.split()) for text in parameter.get_help_record(context) or ("", ""))
        if meaning:
            yield f"| `{names.replace('|', chr(92) + '|')}` | {escaped(meaning)} |"


def escaped(text: str) -> str:
    """Keep Markdown from reading marks outside `code` as its own."""
    code_and_text = re.split(r"(`[^`]*`)", text)
    return "".join(
        part if part.startswith("`") else re.sub(r"([<>*_|\[\]])", r"\\\1", part) for part in code_and_text
    )
