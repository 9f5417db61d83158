"""What a command is given is checked before TensorFlow is loaded, which takes seconds."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

SCRIPT = """
import json, sys
from click.testing import CliRunner
from zerotap.cli import cli
for line in sys.stdin:
    result = CliRunner().invoke(cli, line.split())
    heavy = [name for name in ("tensorflow", "keras") if name in sys.modules]
    print(json.dumps({"error": str(result.exception), "said": result.output, "heavy": heavy}), flush=True)
"""
CASES = {
    "quantise missing.tflite --samples x.npy": "no such file",
    "quantise folder --dataset nowhere": "nowhere",
    "quantise bad.keras --samples good.npy --out bad.keras": "bad.keras is the model itself",
    "quantise bad.keras --samples good.npy --out good.npy": "good.npy is the samples itself",
    "quantise bad.keras --samples good.npy --out taken/thesis.txt": "taken/thesis.txt is taken by what is",
    "quantise bad.keras --samples good.npy --out taken/thesis.txt --force": "taken/thesis.txt is taken",
    "quantise bad.keras --samples good.npy --out dense.tflite": "dense.tflite exists already: add --force",
    "quantise dense.keras --samples good.npy": "dense.tflite exists already: add --force",
    "quantise bad.keras --samples good.npy --out dense.tflite --force": "not a whole .keras file",
    "quantise model --dataset nowhere --out model/model.keras": "model.keras is part of the model",
    "quantise model --dataset data --out data/zerotap.toml": "zerotap.toml is part of the dataset",
    "quantise linked --dataset data": "model.tflite is a symbolic link",
    f"quantise dense.tflite --samples good.npy --weight-bits 4 --out {'x' * 300}": "name too long",
    f"export dense.tflite --name mood --out {'x' * 300}": "name too long",
    "export dense.tflite --name mood --out dense.tflite/lib": "cannot be written",
    "quantise folder --samples no.npy": "no.npy",
    "quantise dense.tflite --dataset nowhere": "give --samples",
    "quantise bad.keras --samples x.npy": "bad.keras cannot be read (it is not a whole .keras file)",
    "verify folder --samples x.npy": "zerotap quantise",
    "verify dense.tflite --samples x.npy": "(3, 5)",
    "verify dense.tflite --dataset nowhere": "no pipeline beside it",
    "verify dense.tflite --samples x.npy --compiler none": "(3, 5)",
    "verify dense.tflite --samples good.npy --compiler none": "none",
    "export dense.tflite --out taken --name mood": "taken",
    "export dense.tflite --out new --name int": "int",
    f"export dense.tflite --out {'x' * 300} --name mood": "cannot be written",
    "export missing --out new --name mood": "no such file",
    "export dense.tflite --out new --name mood --flash 100": "budget",
    "analyse folder": "zerotap quantise",
    "analyse dense.keras": "an archive, as a .keras file is; make one with `zerotap quantise`",
    "analyse good.npy": "windows (.npy), not a model",
}


@pytest.fixture(scope="module")
def folder(dense_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("given")
    (made / "dense.tflite").write_bytes(dense_file.read_bytes())
    (made / "bad.keras").write_bytes(b"PK")
    (made / "dense.keras").write_bytes(b"PK\x03\x04")
    (made / "folder").mkdir()
    for name in ("model/model.keras", "data/zerotap.toml", "linked/model.keras"):
        (made / name).parent.mkdir()
        (made / name).write_text("mine")
    (made / "linked" / "model.tflite").symlink_to(made / "x.npy")
    (made / "taken").mkdir()
    (made / "taken" / "thesis.txt").touch()
    np.save(made / "x.npy", np.zeros((3, 5), np.float32))
    np.save(made / "good.npy", np.zeros((3, 8), np.float32))
    return made


@pytest.fixture(scope="module")
def commands(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """One process for all: where a command loads TensorFlow, those after it fail too."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT], cwd=folder, stdin=pipe, stdout=pipe, text=True
    ) as run:
        yield run
        run.communicate()
    assert run.returncode == 0


@pytest.mark.parametrize("line", CASES)
def test_a_wrong_command_fails_without_tensorflow(
    folder: Path, commands: subprocess.Popen[str], line: str
) -> None:
    before = sorted(folder.rglob("*"))
    commands.stdin.write(f"{line}\n")
    commands.stdin.flush()
    result = json.loads(commands.stdout.readline())
    assert CASES[line] in result["error"]
    assert result["heavy"] == []
    assert result["said"] == ""  # no progress of work that never began
    assert sorted(folder.rglob("*")) == before
