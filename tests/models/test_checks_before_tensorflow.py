"""A wrong argument or file is told before TensorFlow, or anything else that takes seconds, is loaded."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from forked_commands import ForkedCommands

# An import of what is slow becomes an error of another kind.
BLOCKED = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name in ("tensorflow", "keras", "scipy", "sklearn", "unicorn"):
            raise AssertionError(name + " is loaded")
sys.meta_path.insert(0, Refuse())
"""
SHORT = """name = "short"
[[stages]]
transform = "windows"
length = 3
hop = 3
"""


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkedCommands]:
    forked = ForkedCommands(tmp_path_factory.mktemp("commands"), BLOCKED)
    yield forked
    forked.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, commands: ForkedCommands) -> Path:
    """Two datasets, one of a single class; two pipelines, one too short; a folder that is no model."""
    made = tmp_path_factory.mktemp("checks")
    for name, labels in (("moods", ("calm", "tense")), ("one", ("calm",))):
        with (made / f"{name}.csv").open("w", newline="") as stream:
            csv.writer(stream).writerows(
                [("label", "text"), *((label, f"text {n}") for label in labels for n in range(3))]
            )
        commands.run(made, "type", f"{name}.csv", "--dataset", name)
    (made / "wrong.toml").write_text("name = 'x'")
    (made / "short.toml").write_text(SHORT)
    (made / "odd").mkdir()
    (made / "odd" / "model.toml").write_text("name = 'odd'")
    (made / "odd" / "pipeline.toml").write_text(SHORT)
    return made


CASES = {
    "train --dataset moods --model nope --out new": "choose one of dense, conv, separable",
    "train --dataset nowhere --model conv --out new": "nowhere",
    "train --dataset one --model conv --out new": "at least two classes",
    "train --dataset moods --model conv --out odd": "odd already holds something",
    "train --dataset moods --model conv --pipeline wrong.toml --out new": "wrong.toml",
    "train --dataset moods --model conv --pipeline short.toml --out new": "takes no windows of shape (3, 8)",
    "train --dataset moods --model text --pipeline short.toml --out new": "no word ids",
    "train --dataset moods --model conv --out moods": "moods is the dataset itself",
    f"train --dataset moods --model conv --out {'x' * 300}": "name too long",
    "train --dataset moods --model conv --out wrong.toml/out": "wrong.toml/out cannot be written",
    f"compare moods --out {'x' * 300}": "name too long",
    f"demo --out {'x' * 300}": "name too long",
    "evaluate nowhere --dataset moods": "nowhere",
    "evaluate odd --dataset moods": "odd is no trained model",
    "compare moods --models text,nope --out new": "choose one of dense, conv, separable",
    "compare nowhere --out new": "nowhere",
    "compare one --out new": "at least two classes",
    "compare moods --out odd": "odd holds other things than an earlier comparison",
    "compare moods --out new --compiler /nowhere/gcc": "/nowhere/gcc",
    "compare moods --models text,bag:nope --out new": "bag has no preset 'nope'",
    "compare moods --models text,./text --out new": "text is no trained model (it has no model.toml)",
    "compare moods --models bag,bag --out new": "are both called bag",
    "compare moods --out moods": "moods is the dataset itself",
    "demo --out odd": "odd holds other things",
    "demo --out new --compiler /nowhere/gcc": "/nowhere/gcc",
}


@pytest.mark.parametrize("command", list(CASES))
def test_it_is_one_sentence_and_nothing_is_made(command: str, folder: Path, commands: ForkedCommands) -> None:
    before = sorted(folder.rglob("*"))
    done = commands.run(folder, *command.split())
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("zerotap: ")
    assert done.stderr.count("\n") == 1
    assert CASES[command] in done.stderr
    assert sorted(folder.rglob("*")) == before


def test_an_option_is_told_by_click(folder: Path, commands: ForkedCommands) -> None:
    options = ("--dataset", "moods", "--model", "conv", "--out", "new", "--epochs", "none")
    done = commands.run(folder, "train", *options)
    assert done.returncode == 2
    assert "--epochs" in done.stderr
