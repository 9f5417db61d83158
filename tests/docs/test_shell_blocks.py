"""The runner of `make test-docs` notices what it must."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from shell_blocks import blocks_of, environment_of, parse_problem, run, zerotap_lines

PAGE = """# A page

```sh
make demo
echo one > file
```

Text.

```console
$ cat file
one
$ printf 'first\\nsecond\\nthird\\n'
first
...
third
```

```python
from pathlib import Path
assert Path("file").read_text() == "one\\n"
```

```sh
# needs a device
zerotap record 2341:804f --label idle --dataset moves
```

```sh
# needs arduino-cli
arduino-cli compile nothing
zerotap simulate none.elf
```

```text
false
```
"""


def results(page: str, folder: Path) -> list[str]:
    file = folder / "page.md"
    file.write_text(page, encoding="utf-8")
    environment = environment_of(folder, Path(sys.executable).parent)
    return [run(block, folder, environment) for block in blocks_of(file) if block.runs]


def test_blocks_run_in_order_in_one_folder(tmp_path: Path) -> None:
    assert results(PAGE, tmp_path) == ["", "", ""]


def test_a_block_knows_its_line(tmp_path: Path) -> None:
    results(PAGE, tmp_path)
    assert [block.line for block in blocks_of(tmp_path / "page.md")] == [4, 11, 20, 25, 30]


def test_a_device_is_never_touched(tmp_path: Path) -> None:
    results(PAGE, tmp_path)
    hardware, arduino = (block for block in blocks_of(tmp_path / "page.md") if not block.runs)
    assert zerotap_lines(hardware) == ["zerotap record 2341:804f --label idle --dataset moves"]
    assert zerotap_lines(arduino) == ["zerotap simulate none.elf"]


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        ("```sh\nfalse\ntrue\n```\n", "exit code 1"),
        ("```sh\nfalse | cat\n```\n", "exit code 1"),
        ("```sh\necho $unset\n```\n", "unbound variable"),
        ("```console\n$ echo two\none\n```\n", "and not\none"),
        ("```console\n$ echo two\n```\n", "prints\ntwo"),
        ("```console\n$ true\none\n```\n", "and not\none"),
        ("```console\n$ echo one\none\n$ exit 3\n```\n", "exit code 3"),
        ("```python\nraise ValueError(5)\n```\n", "ValueError: 5"),
    ],
)
def test_a_failing_block_fails(page: str, problem: str, tmp_path: Path) -> None:
    (found,) = results(page, tmp_path)
    assert problem in found


def test_the_home_is_the_folder(tmp_path: Path) -> None:
    assert environment_of(tmp_path, Path("/x"))["HOME"] == str(tmp_path)
    assert environment_of(tmp_path, Path("/x"))["PATH"].split(os.pathsep)[0] == "/x"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("zerotap record 2341:804f --label idle --dataset moves   # comment", ""),
        ('sudo "$(command -v zerotap)" udev 2341:804f --write', ""),
        ("zerotap recrod 2341:804f", "there is no command recrod"),
        ("zerotap devices --restroe 1.4", "No such option"),
    ],
)
def test_lines_that_are_not_run_are_parsed(line: str, problem: str) -> None:
    assert problem in parse_problem(line)
    assert bool(problem) == bool(parse_problem(line))
