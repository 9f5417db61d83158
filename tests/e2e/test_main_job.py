"""The main job through the command line, on the demo's corpus and on real messages."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from forked_commands import ForkedCommands

from zerotap.cli import cli


def zerotap(*arguments: object) -> str:
    """In this process, which has TensorFlow by now."""
    done = CliRunner().invoke(cli, [*map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo as it comes, as a process, with the compiler that every machine has."""
    out = tmp_path_factory.mktemp("home") / "demo"
    command = [sys.executable, "-m", "zerotap", "demo", "--out", str(out), "--compiler", "zig"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return out


def test_demo_verifies_every_model_of_both_paths(demo: Path) -> None:
    report = json.loads((demo / "report.json").read_text())
    assert report["data"]["origin"] == "synthetic"
    assert {(row["name"], row["kind"]) for row in report["models"]} == {
        ("dense", "raw"),
        ("conv", "raw"),
        ("text", "text"),
    }
    for row in report["models"]:
        assert row["mismatches"] == 0
        assert row["samples"] >= 80
        assert row["scores"]["board"]["macro_f1"] >= 0.8
        assert 1 < row["costs"]["ms"] * 48_000 / row["costs"]["cycles"] < 1.6, "the board waits for its flash"
        assert row["costs"]["per_unit"]["cycles_mean"] > row["costs"]["cycles"]
        assert row["costs"]["flash_bytes"] > (demo / row["name"] / "model.tflite").stat().st_size // 4
        assert "zig" in row["compiler"]
        assert "BUILTIN_REF" in row["oracle"]


def test_demo_keeps_what_it_made(demo: Path, zerotap_commands: ForkedCommands) -> None:
    assert "synthetic" in zerotap("info", demo / "dataset")
    for name in ("dense", "conv", "text"):
        assert (demo / name / "arduino" / "library.properties").is_file()
    done = zerotap_commands.run(demo.parent, "demo", "--out", str(demo))
    assert done.returncode == 1
    assert "--force" in done.stderr


def test_first_message_is_spelled_by_its_packets(demo: Path) -> None:
    text = (demo / "messages.csv").read_text().splitlines()[1].split(",", 1)[1].strip('"')
    assert zerotap("text", demo / "dataset" / "recordings" / "message-000001.pcapng").strip() == text


def test_commands_one_by_one_on_real_messages(shared_data: Path, tmp_path: Path) -> None:
    """A thousand typed SMS messages: the text model is trained, quantised, scored and exact."""
    dataset, model = tmp_path / "sms", tmp_path / "text"
    typed = json.loads(
        zerotap(
            "type", shared_data / "text" / "sms_spam.csv", "--dataset", dataset, "--limit", 1000, "--json"
        )
    )
    assert typed["messages"] == 1000
    zerotap("train", "--dataset", dataset, "--model", "text", "--out", model)
    zerotap("quantise", model, "--dataset", dataset)
    scores = json.loads(zerotap("evaluate", model, "--dataset", dataset, "--json"))
    assert scores["int8"]["macro_f1"] > 0.85
    analysis = json.loads(zerotap("analyse", model / "model.tflite", "--json"))
    assert [layer["operator"] for layer in analysis["layers"]][:1] == ["GATHER+MEAN"]
