"""A dataset of numbers trains as it stands, and what is exported computes what training saw."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from zerotap.capture import GUARD_PACKETS, Dataset, Packet, Recording
from zerotap.capture.sources.movements import MOVEMENTS, movement_samples
from zerotap.capture.sources.virtual import as_lines
from zerotap.cli import cli
from zerotap.errors import ModelError
from zerotap.features import Pipeline
from zerotap.features.transforms import Signal
from zerotap.models import evaluate, load_windows, train
from zerotap.workflow import build

RATE_HZ = 50
SHARED = (Path(__file__).parents[2] / "../shared/data/sensor/basicmotions").resolve()


def told(lines: list[bytes], name: str, rate_hz: float) -> Recording:
    packets = [Packet(10**18 + round(n / rate_hz * 1e9), 0x83, line) for n, line in enumerate(lines)]
    return replace(Recording.from_packets(packets, name=name), transfer="bulk")


@pytest.fixture(scope="module")
def moves(tmp_path_factory) -> Path:
    """Three takes of each movement, lines of three numbers with decimals as a sketch prints them."""
    dataset = Dataset.create(tmp_path_factory.mktemp("numbers") / "moves", synthetic=True)
    for name in MOVEMENTS:
        for take in (1, 2, 3):
            lines = as_lines(movement_samples(name, RATE_HZ, take)[: 12 * RATE_HZ])
            lines[0] = b"x\ty\tz\r\n" + lines[0]
            dataset.store(told(lines, name, RATE_HZ), name, name)
    return dataset.path


@pytest.fixture(scope="module")
def model(moves) -> Path:
    """What `zerotap train` makes of it, without a pipeline."""
    done = CliRunner().invoke(
        cli, ["train", "--dataset", str(moves), "--model", "dense", "--out", str(moves.parent / "m")]
    )
    assert done.exit_code == 0, done.output
    return moves.parent / "m"


def test_the_plain_command_gives_a_model_that_is_exact_on_the_board(model, moves, tmp_path):
    pipeline = Pipeline.read(model / "pipeline.toml")
    assert (pipeline.source, pipeline.report_bytes, pipeline.decimals) == ("numbers", 12, (3,))
    assert pipeline.stages[1].length == RATE_HZ
    library = build(model, tmp_path / "lib", name="moves", dataset=moves)
    assert library.report["mismatches"] == 0
    assert library.report["samples"] == len(load_windows(model, moves).test)
    assert library.report["push"]["inferences"] > 0
    header = (tmp_path / "lib" / "src" / "moves_push.h").read_text()
    assert "int32_t moves_push(const int32_t *in, moves_SCORE *output);" in header
    assert "the value\n * times 10^3 of each" in header


def test_movements_are_told_apart(moves):
    assert evaluate(train(moves, "dense")).macro_f1 >= 0.8


def test_a_pipeline_of_one_s_own_is_fitted_to_the_training_side_alone(moves):
    example = Path(__file__).parents[2] / "examples" / "motion.toml"
    trained = train(moves, "dense", pipeline=example, epochs=1)
    assert trained.pipeline.signals[0] == Signal((3,), "int32")
    split = Dataset.open(moves).split(guard_reports=GUARD_PACKETS)
    assert trained.pipeline == Pipeline.read(example).fitted(split.train)
    assert trained.pipeline != Pipeline.read(example).fitted([*split.train, *split.test])


def test_windows_are_cut_by_a_pipeline_that_is_not_fitted_yet(moves, tmp_path):
    example = Path(__file__).parents[2] / "examples" / "motion.toml"
    done = CliRunner().invoke(
        cli,
        [
            "windows",
            str(moves),
            "--pipeline",
            str(example),
            "--out",
            str(tmp_path / "x.npy"),
            "--side",
            "train",
        ],
    )
    assert done.exit_code == 0, done.output
    x = np.load(tmp_path / "x.npy")
    assert (x.shape[1:], x.min(), x.max()) == ((6,), 0, 1)


def test_a_model_of_words_is_refused_and_says_which_to_choose(moves):
    with pytest.raises(ModelError, match=r"text reads what is typed, .* choose dense or conv"):
        train(moves, "text")


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data/sensor is not there")
def test_four_recorded_activities_are_told_apart(tmp_path):
    dataset = Dataset.create(tmp_path / "activities", synthetic=False)
    for number, line in enumerate(_activities()):
        *channels, label = line.split(":")
        rows = zip(*(channel.split(",") for channel in channels), strict=True)
        lines = [f"{','.join(row)}\n".encode() for row in rows]
        lines[0] = b"ax,ay,az,gx,gy,gz\n" + lines[0]
        dataset.store(told(lines, label, 10), f"{label}{number}", label)
    assert evaluate(train(dataset, "dense")).macro_f1 >= 0.9


def _activities() -> list[str]:
    texts = [(SHARED / f"BasicMotions_{side}.ts").read_text() for side in ("TRAIN", "TEST")]
    return [line for text in texts for line in text.splitlines() if line[:1] not in ("#", "@", "")]
