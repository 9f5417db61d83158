"""Folders that may be read and not written: one sentence that names what was asked for, before any work."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from zerotap.capture import generate_corpus, type_corpus
from zerotap.features import PIPELINE_FILE, LinearTable, Pipeline, transforms, write_integer_model

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="rights as of a Unix")
BOUND = "-dac_override,-dac_read_search"
AS_ANYBODY = ["setpriv", "--bounding-set", BOUND, "--inh-caps", BOUND]
"""root may write everywhere, unless it lets go of that."""
ELSEWHERE = "choose another place"
COMMANDS = {
    "train --dataset moods --model linear --out shut/m": ("shut/m", ELSEWHERE),
    "type moods.csv --dataset shut/d": ("shut/d", ELSEWHERE),
    "import moods.csv --label x --dataset shut/d": ("shut/d", ELSEWHERE),
    "export table --name m --out shut/lib": ("shut/lib", ELSEWHERE),
    "convert moods/recordings/message-000001.pcapng shut/a.csv": ("shut/a.csv", ELSEWHERE),
    "split shut-moods --by time": ("shut-moods", "make it writable, or change a copy of it"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A dataset, a model, and folders without the right to write."""
    place = tmp_path_factory.mktemp("place")
    type_corpus(generate_corpus(6, 0), place / "moods", seed=0, synthetic=True)
    (place / "moods.csv").write_text("label,text\ncalm,all is well\ntense,all is lost\n")
    (place / "table").mkdir()
    table = LinearTable(np.ones((8, 1), np.int8), np.zeros(1, np.int32), 8)
    write_integer_model(table, place / "table")
    (place / "table" / PIPELINE_FILE).write_text(Pipeline("t", (transforms.TypedGrams(8),)).to_toml())
    (place / "shut").mkdir()
    shutil.copytree(place / "moods", place / "shut-moods")
    for shut in ("shut", "shut-moods"):
        (place / shut).chmod(0o555)
    yield place
    for shut in ("shut", "shut-moods"):
        (place / shut).chmod(0o755)


def run(place, command):
    before = AS_ANYBODY if os.geteuid() == 0 else []
    if before and shutil.which(before[0]) is None:
        pytest.skip("root without setpriv")
    words = [*before, sys.executable, "-m", "zerotap", *command.split(), "--quiet"]
    return subprocess.run(words, cwd=place, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_place_that_takes_nothing_is_named(place, command):
    named, way_out = COMMANDS[command]
    done = run(place, command)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"zerotap: {named} cannot be written (Permission denied): {way_out}\n"
    assert list((place / "shut").iterdir()) == []


def test_what_may_only_be_read_is_shown(place):
    done = run(place, "split shut-moods")
    assert done.returncode == 0 and "calm" in done.stdout
