"""`import zerotap as zt`: the verbs without a submodule, lazily, typed and listed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import zerotap as zt

STUB = (Path(zt.__file__).parent / "__init__.pyi").read_text(encoding="utf-8")
NAMES = re.findall(r"^from (\.[\w.]*) import (\w+) as \2$", STUB, re.M)
VERBS = [
    "analyse", "build", "compare", "evaluate", "export", "find_devices", "import_capture", "plot_confusion",
    "plot_recording", "quantise", "record", "train", "verify",
]  # fmt: skip
VALUES = ["BuildOptions", "Comparison", "Dataset", "Library", "Pipeline", "Recording", "Scores", "Trained"]
ROOMS = ["capture", "features", "firmware", "models"]


def test_what_a_notebook_starts_with_is_listed() -> None:
    assert set(VERBS + VALUES + ROOMS) <= set(dir(zt))
    assert sorted(dir(zt)) == sorted(name for _, name in NAMES)


@pytest.mark.parametrize(("home", "name"), NAMES, ids=[name for _, name in NAMES])
def test_each_name_is_the_object_of_its_home_and_documented(home: str, name: str) -> None:
    found = getattr(zt, name)
    assert found.__doc__
    if home != ".":
        assert found is getattr(sys.modules[f"zerotap{home}"], name)


def test_transforms_are_reached_through_their_room() -> None:
    assert zt.features.transforms.__name__ == "zerotap.features.transforms"


def test_importing_it_loads_nothing_heavy() -> None:
    heavy = "{'tensorflow', 'keras', 'scipy', 'sklearn', 'unicorn', 'numpy', 'rich', 'matplotlib', 'click'}"
    code = f"import sys, zerotap; zerotap.capture; dir(zerotap); print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_looking_a_verb_up_does_not_load_tensorflow() -> None:
    verbs = ", ".join(f"zt.{name}" for name in VERBS + VALUES)
    code = f"import sys, zerotap as zt; {verbs}; print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False False"
