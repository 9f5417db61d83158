"""The same model gives the same bytes, in processes whose hashes are ordered differently."""

import contextlib
import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

# Writes generated and exported files; prints their digests.
SCRIPT = """
import hashlib, json, sys
from pathlib import Path
from zerotap.firmware import BuildOptions, export, generate, read_tflite

model, out = Path(sys.argv[1]), Path(sys.argv[2])
digests = {}
for optimise in ("speed", "size"):
    for name, text in generate(read_tflite(model), "moods", BuildOptions(optimise=optimise)).items():
        digests[f"generate {optimise} {name}"] = hashlib.sha256(text.encode()).hexdigest()
for bare in (True, False):
    folder = out / ("bare" if bare else "library")
    export(model, folder, "moods", bare=bare)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digests[path.relative_to(out).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
print(json.dumps(digests))
"""


def digests_here(model: Path, out: Path) -> dict[str, str]:
    """In this process, which has TensorFlow's child by now."""
    arguments = mock.patch.object(sys, "argv", ["", str(model), str(out)])
    with arguments, contextlib.redirect_stdout(io.StringIO()) as said:
        exec(SCRIPT, {})
    return json.loads(said.getvalue())


def digests_elsewhere(model: Path, out: Path) -> dict[str, str]:
    """In a process with other hashes."""
    seed = "1" if os.environ.get("PYTHONHASHSEED") == "0" else "0"
    command = [sys.executable, "-c", SCRIPT, str(model), str(out)]
    environment = os.environ | {"PYTHONHASHSEED": seed}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def exported(dense_file, tmp_path_factory) -> list[dict[str, str]]:
    """Digests by file, from two processes, the second with the model in another folder."""
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "dense.tflite"
    elsewhere.write_bytes(dense_file.read_bytes())
    here = digests_here(dense_file, tmp_path_factory.mktemp("out"))
    return [here, digests_elsewhere(elsewhere, tmp_path_factory.mktemp("out"))]


def test_another_process_generates_and_exports_the_same_bytes_from_another_folder(exported):
    assert exported[0] == exported[1]


def test_all_that_is_written_was_compared(exported):
    names = set(exported[0])
    assert {"bare/moods.c", "bare/moods.h", "library/src/moods.c", "library/library.properties"} <= names
    assert {"generate speed moods.c", "generate size moods.c"} <= names
    assert hashlib.sha256(b"").hexdigest() not in exported[0].values()
