"""What `make test` asks of mypy and import-linter; here, so that another core runs tests meanwhile."""

import subprocess
import sys
from pathlib import Path

import pytest

import zerotap as zt

ROOT = Path(zt.__file__).resolve().parent


@pytest.fixture(scope="module")
def checked() -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "mypy", "-p", "zerotap"], cwd=ROOT, capture_output=True, text=True
    )


def test_types_are_clean(checked: "subprocess.CompletedProcess[str]") -> None:
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_imports_keep_to_the_contracts() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_checker_of_types_sees_what_the_verbs_give(
    checked: "subprocess.CompletedProcess[str]", tmp_path: Path
) -> None:
    assert checked.returncode == 0  # what it kept is read again
    (tmp_path / "notebook.py").write_text(
        "import zerotap as zt\n"
        'trained = zt.train(zt.Dataset.open("moods"), "conv")\n'
        'library = zt.build(trained, "MoodNet", name="mood")\n'
        "reveal_type(trained)\n"
        "reveal_type(library)\n"
        "reveal_type(zt.evaluate(trained))\n"
        "zt.train(3)\n"
    )
    # The configuration leads mypy to the package that is being developed; an installed one it finds.
    options = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache")]
    command = [sys.executable, "-m", "mypy", *options, "notebook.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    scores = "models.evaluation.scores.Scores"
    for value in ("models.trained.Trained", "firmware.library.exporting.Library", scores):
        assert f'Revealed type is "zerotap.{value}"' in done.stdout, done.stdout
    assert 'notebook.py:7: error: Missing positional argument "model"' in done.stdout
