"""`compare` from Python: what it writes, what it takes from an earlier run, and what it refuses."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from jsonschema import validate

from zerotap.capture import Dataset, Packet, Recording, generate_corpus, type_corpus
from zerotap.errors import CaptureError, DoesNotFitError, ModelError, NotExactError, OutputError
from zerotap.firmware import Budget, BuildOptions
from zerotap.models import Comparison, read_comparison, read_evidence, train
from zerotap.models import comparing as values
from zerotap.workflow import compare, draw_page
from zerotap.workflow.comparing import making, on_board
from zerotap.workflow.comparing.content_keys import engine_hash

ZIG = BuildOptions(compiler="zig")
TINY = BuildOptions(compiler="zig", budget=Budget(900, 900))
BOTH = ("linear", "linear:large")
"""Models that need no TensorFlow."""
ZIG_WORDS = ("--compiler", "zig")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("typed") / "moods"
    return type_corpus(generate_corpus(60, 0), folder, seed=0, synthetic=True)


@pytest.fixture(scope="module")
def compared(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Comparison]:
    out = tmp_path_factory.mktemp("compared") / "out"
    return out, compare(dataset, out, BOTH, ZIG, seeds=2)


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the families that are trained from here on."""
    names: list[str] = []

    def counted(split, data, spec, *others, **options):  # type: ignore[no-untyped-def]
        names.append(f"{spec.family}:{spec.preset}" if spec.preset else spec.family)
        return train_on(split, data, spec, *others, **options)

    train_on = making.train_on
    monkeypatch.setattr(making, "train_on", counted)
    return names


def test_report_and_evidence_are_of_their_schemas(compared: tuple[Path, Comparison]) -> None:
    out, comparison = compared
    schemas = Path(values.__file__).parent
    for name in ("report", "evidence"):
        document = json.loads((out / f"{name}.json").read_text())
        validate(document, json.loads((schemas / f"{name}-schema.json").read_text()))
    assert read_comparison(out) == comparison
    assert comparison.verdict.text.split(".")[0] in (out / "report.md").read_text()
    evidence = read_evidence(out, comparison)
    assert len(evidence.tested) == comparison.data.recordings.test == 12
    assert set(evidence.verdicts) == {*BOTH, "majority", "text SVM"}
    assert {tuple(one) for one in evidence.precision_recall.values()} == {comparison.data.classes}
    assert [point.recordings for point in evidence.learning["linear"]] == [12, 24, 48]
    assert evidence.learning["linear"][-1].macro_f1 == comparison.models[0].scores.board.macro_f1
    assert evidence.projection is None and len(evidence.pictures) == 2 and not evidence.texts
    assert not evidence.by_flash  # a table has one kernel


def test_every_model_is_exact_costed_and_kept(compared: tuple[Path, Comparison]) -> None:
    out, comparison = compared
    assert [model.name for model in comparison.models] == list(BOTH)
    for model in comparison.models:
        assert (model.samples, model.mismatches, model.scores.floats, model.narrow) == (12, 0, None, ())
        costs = model.costs
        assert costs.per_packet is not None and costs.per_unit.unit == "message"
        assert costs.per_unit.recordings == 12
        assert costs.per_packet.cycles_mean < costs.cycles < costs.per_unit.cycles_mean
        assert [one.seed for one in model.seeds.each] == [0, 1]
        kept = model.seeds.kept_one
        assert (kept.measured_as, kept.macro_f1) == ("board", model.scores.board.macro_f1)
        assert all(one.validation_macro_f1 is not None for one in model.seeds.each)
        folder = out / model.name.replace(":", "-")
        assert (folder / "table.npz").is_file() and (folder / "arduino" / "library.properties").is_file()
    assert [one.name for one in comparison.references] == ["majority", "text SVM"]
    assert [(pair.a, pair.b) for pair in comparison.pairs[:1]] == [BOTH]
    assert comparison.verdict.text
    assert not out.with_name("out.unfinished").exists()


def test_nothing_that_was_typed_is_told_without_being_asked(
    compared: tuple[Path, Comparison], dataset: Dataset, tmp_path: Path
) -> None:
    out, comparison = compared
    words = {"calm", "tense", "message"}
    typed = " ".join(text for _, text in generate_corpus(60, 0)).lower().split()
    told = "".join((out / name).read_text().lower() for name in ("report.json", "evidence.json"))
    assert not [word for word in set(typed) - words if len(word) > 5 and f"{word} " in told]
    with_text = compare(dataset, tmp_path / "out", BOTH[:1], ZIG, seeds=1, with_text=True)
    texts = read_evidence(tmp_path / "out", with_text).texts
    assert len(texts) == comparison.data.recordings.test
    assert set(texts.values()) <= {text for _, text in generate_corpus(60, 0)}
    modes = [stat.S_IMODE((folder / "evidence.json").stat().st_mode) for folder in (out, tmp_path / "out")]
    assert modes[0] != 0o600 == modes[1]


def test_a_second_run_trains_nothing_and_a_changed_model_alone(
    compared: tuple[Path, Comparison], dataset: Dataset, trained: list[str]
) -> None:
    out, comparison = compared
    (out / "mine.txt").write_text("keep")
    before = (out / "report.json").read_text()
    assert compare(dataset, out, BOTH, ZIG, seeds=2) == comparison
    assert trained == [] and (out / "report.json").read_text() == before
    (out / "linear-large" / "table.npz").write_bytes(b"changed")
    again = compare(dataset, out, BOTH, ZIG, seeds=2)
    assert trained == ["linear:large"] and again.models == comparison.models
    assert (out / "linear-large" / "table.npz.yours").read_bytes() == b"changed"
    assert (out / "mine.txt").read_text() == "keep"
    assert len(compare(dataset, out, BOTH[:1], ZIG, seeds=1).models) == 1
    assert trained == ["linear:large", "linear"]
    assert not (out / "linear-large" / "arduino").exists()


def test_a_page_that_was_drawn_again_is_no_file_of_the_users(
    compared: tuple[Path, Comparison], dataset: Dataset
) -> None:
    out, _ = compared
    draw_page(out, dataset=dataset, with_text=True)
    drawn = (out / "report.html").read_text()
    compare(dataset, out, BOTH, ZIG, seeds=2)
    assert (out / "report.html").read_text() != drawn
    assert not list(out.glob("report*.yours"))


def test_another_engine_trains_anew(
    dataset: Dataset, tmp_path: Path, trained: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    compare(dataset, tmp_path / "out", BOTH[:1], ZIG, seeds=1)
    monkeypatch.setattr("zerotap.workflow.comparing.content_keys.engine_hash", lambda: f"{engine_hash()}x")
    compare(dataset, tmp_path / "out", BOTH[:1], ZIG, seeds=1)
    assert trained == ["linear", "linear"]


def wait_for(is_so: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    while not is_so():
        assert process.poll() is None
        time.sleep(0.02)


def test_a_killed_comparison_goes_on_from_what_is_finished(
    dataset: Dataset, tmp_path: Path, trained: list[str]
) -> None:
    out, unfinished = tmp_path / "out", tmp_path / "out.unfinished"
    words = [
        "compare",
        dataset.path,
        "--out",
        out,
        "--models",
        ",".join(BOTH),
        "--seeds",
        2,
        "--compiler",
        "zig",
    ]
    process = subprocess.Popen([sys.executable, "-m", "zerotap", *map(str, words)], stderr=subprocess.DEVNULL)
    wait_for(lambda: list(unfinished.glob("*/linear/compared.json")), process)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert [path.name for path in tmp_path.iterdir()] == ["out.unfinished"]
    (unfinished / "mine.txt").write_text("keep")
    comparison = compare(dataset, out, BOTH, ZIG, seeds=2)
    assert "linear" not in trained and len(comparison.models) == 2
    assert [path.name for path in unfinished.iterdir()] == ["mine.txt"]


def test_a_model_that_does_not_fit_is_left_out_and_the_others_are_compared(
    dataset: Dataset, tmp_path: Path, trained: list[str]
) -> None:
    small = BuildOptions(compiler="zig", budget=Budget(14_000, 32_768))
    comparison = compare(dataset, tmp_path / "out", BOTH, small, seeds=1)
    assert [model.name for model in comparison.models] == ["linear"]
    assert [one.name for one in comparison.left_out] == ["linear:large"]
    assert "14,000 B" in comparison.left_out[0].reason
    assert comparison.left_out[0].reason.startswith("linear-large/table.npz needs")
    assert comparison.command.endswith(" --flash 14000 --compiler zig")
    assert comparison.verdict.winner is None
    assert read_comparison(tmp_path / "out") == comparison
    assert compare(dataset, tmp_path / "out", BOTH, small, seeds=1) == comparison
    assert trained == list(BOTH)


def test_where_no_model_fits_nothing_is_written(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(DoesNotFitError, match=r"none of 2 models fits: linear: .*; linear:large: "):
        compare(dataset, tmp_path / "out", BOTH, TINY, seeds=1)
    assert not list(tmp_path.iterdir())  # no out.unfinished either


def test_a_folder_is_loaded_and_not_trained(dataset: Dataset, tmp_path: Path, trained: list[str]) -> None:
    mine = train(dataset, "linear", seed=5)
    mine.save(tmp_path / "mine")
    comparison = compare(dataset, tmp_path / "out", [str(tmp_path / "mine")], ZIG)
    (model,) = comparison.models
    assert trained == [] and (model.name, model.family, model.seeds.kept) == ("mine", "linear", 5)
    files = [(folder / "table.npz").read_bytes() for folder in (tmp_path / "mine", tmp_path / "out" / "mine")]
    assert files[0] == files[1]


def test_of_a_sensor_a_window_is_what_costs(tmp_path: Path) -> None:
    draw, data = np.random.default_rng(0), Dataset.create(tmp_path / "moves", synthetic=True)
    for number in range(16):
        label, rate_hz = ("walk", 2.0) if number % 2 else ("run", 5.0)
        wave = np.sin(2 * np.pi * rate_hz * np.arange(300) / 100 + draw.uniform(0, 6))
        told = [f"{one:.2f} {draw.normal():.2f}\n".encode() for one in wave.tolist()]
        packets = [Packet(place * 10_000_000, 0x83, line) for place, line in enumerate(told)]
        recording = replace(Recording.from_packets(packets), transfer="bulk")
        data.store(recording, f"{label}{number}", label)
    comparison = compare(data, tmp_path / "out", ("forest",), ZIG, seeds=1)
    (model,) = comparison.models
    unit, packet = model.costs.per_unit, model.costs.per_packet
    assert (comparison.data.kind, unit.unit, model.mismatches) == ("sensor", "window", 0)
    assert packet is not None and model.costs.cycles < packet.cycles_max < unit.cycles_mean
    assert [one.name for one in comparison.references] == ["majority", "random forest", "SVM"]
    evidence = read_evidence(tmp_path / "out", comparison)
    assert evidence.projection is not None and evidence.projection.pipeline == "forest"
    assert [(one.form, len(one.rows)) for one in evidence.pictures] == [("samples", 2)] * 2
    points = evidence.by_flash["forest"]
    assert len(points) > 1 and points == tuple(sorted(points, key=lambda one: -one.cycles))
    assert "## What a kilobyte buys" in (tmp_path / "out" / "report.md").read_text()


def test_bits_that_differ_end_it(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    verify = on_board.verify

    def wrong(*given, **options):  # type: ignore[no-untyped-def]
        return replace(verify(*given, **options), mismatches=1)

    monkeypatch.setattr(on_board, "verify", wrong)
    with pytest.raises(NotExactError, match="linear: 1 of 12 samples differ"):
        compare(dataset, tmp_path / "out", BOTH[:1], ZIG, seeds=1)
    assert not (tmp_path / "out").exists()


def test_what_is_somebody_elses_is_not_touched(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ModelError, match="holds other things than an earlier comparison"):
        compare(dataset, tmp_path, BOTH, ZIG)
    with pytest.raises(OutputError, match="is the dataset itself"):
        compare(dataset, dataset.path, BOTH, ZIG)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_is_told_before_the_work(dataset: Dataset, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="cannot be written"):
            compare(dataset, tmp_path / "out", BOTH, ZIG)
    finally:
        tmp_path.chmod(0o700)


def test_a_class_on_one_side_alone_is_told(tmp_path: Path) -> None:
    messages = [*generate_corpus(12, 0), ("rare", "once")]
    data = type_corpus(messages, tmp_path / "moods", seed=0, synthetic=True)
    with pytest.raises(CaptureError, match="rare"):
        compare(data, tmp_path / "out", BOTH, ZIG)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["moods"]


@pytest.mark.parametrize(("options", "said"), [({"margin": 1.5}, "margin of 1.5"), ({"seeds": 0}, "0 seeds")])
def test_numbers_out_of_range_are_told(
    options: dict[str, float], said: str, dataset: Dataset, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=said):
        compare(dataset, tmp_path / "out", BOTH, ZIG, **options)  # type: ignore[arg-type]
