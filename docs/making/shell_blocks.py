"""The shell blocks of README and docs, and how they are run: `make test-docs`.

A block in a Markdown file is run as its first word says:

    ```sh        bash; every command in it must exit with 0
    ```console   after "$ " a command, which must exit with 0 too; the lines below it are its standard output,
                 in which "..." stands for anything
    ```python    a program of its own

Not run: a block whose first line is the comment "# needs a device" or "# needs arduino-cli", a `make` line,
and blocks of any other word. What is not run is still parsed by `parse_problem`: zerotap's commands and
options must exist.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from zerotap.cli import cli

NOT_HERE = ("# needs a device", "# needs arduino-cli")
LANGUAGES = ("sh", "console", "python")
_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code: its file, the number of its first line, its language and text."""

    file: Path
    line: int
    language: str
    text: str

    @property
    def runs(self) -> bool:
        """Whether it can be run here: it needs no device, nor Arduino's core."""
        return not self.text.startswith(NOT_HERE)


def blocks_of(file: Path) -> list[Block]:
    """Return a Markdown file's blocks of the languages that are run, in order."""
    page = file.read_text(encoding="utf-8")
    found = ((match, page.count("\n", 0, match.start(2)) + 1) for match in _FENCE.finditer(page))
    return [Block(file, line, match[1], match[2]) for match, line in found if match[1] in LANGUAGES]


def run(block: Block, folder: Path, environment: dict[str, str]) -> str:
    """Run a block in ``folder`` and return what went wrong, "" if nothing did."""
    if block.language == "console":
        return next(
            filter(None, (_compare(*pair, folder, environment) for pair in _dialogue(block.text))), ""
        )
    if block.language == "python":
        return _failure(["python", "-c", block.text], folder, environment)[0]
    lines = "\n".join(line for line in block.text.splitlines() if not line.startswith("make "))
    return _failure(["bash", "-euo", "pipefail", "-c", lines], folder, environment)[0]


def _dialogue(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a console block with the output that is shown for it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def _compare(command: str, shown: str, folder: Path, environment: dict[str, str]) -> str:
    problem, output = _failure(["bash", "-euo", "pipefail", "-c", command], folder, environment)
    if problem or _matches(shown, output):
        return problem
    return f"$ {command}\nprints\n{output}\nand not\n{shown}"


def _matches(shown: str, output: str) -> bool:
    """Whether ``output`` is what is shown, spaces at the end of a line aside; "..." stands for anything."""
    shown, output = ("\n".join(map(str.rstrip, text.strip().splitlines())) for text in (shown, output))
    pattern = ".*".join(map(re.escape, shown.split("...")))
    return re.fullmatch(pattern, output, re.DOTALL) is not None


def _failure(argv: list[str], folder: Path, environment: dict[str, str]) -> tuple[str, str]:
    """Return what went wrong, and standard output."""
    done = subprocess.run(
        argv,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return "", done.stdout
    return f"exit code {done.returncode}\n{argv[-1]}\n{done.stdout}{done.stderr}", done.stdout


def environment_of(folder: Path, binaries: Path) -> dict[str, str]:
    """Return every block's environment: ``binaries`` come first, ``folder`` is home, 80 columns."""
    path = os.pathsep.join([str(binaries), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "HOME": str(folder), "COLUMNS": "80", "LC_ALL": "C.UTF-8"}


def zerotap_lines(block: Block) -> list[str]:
    """Return the block's lines that call zerotap, without comments and prompts."""
    lines = (line.removeprefix("$ ").strip() for line in block.text.splitlines())
    return [line for line in lines if re.match(r"(sudo .*)?zerotap ", line)]


def parse_problem(line: str) -> str:
    """Return why a line that calls zerotap does not parse, "" where it does; nothing is run."""
    words = shlex.split(line.replace('"$(command -v zerotap)"', "zerotap"), comments=True)
    name, *arguments = words[words.index("zerotap") + 1 :]
    command = cli.get_command(click.Context(cli), name)
    if command is None:
        return f"{line}: there is no command {name}"
    try:
        command.make_parser(click.Context(command)).parse_args(arguments)
    except click.UsageError as error:
        return f"{line}: {error.format_message()}"
    return ""
