"""Chains of several transforms, and models behind their pipelines: the board gives what training saw."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from zerotap.cli import cli
from zerotap.errors import DoesNotFitError, FeatureError, ModelError
from zerotap.features import Pipeline
from zerotap.features.transforms.count_window import CountWindows
from zerotap.features.transforms.decimate import Decimate
from zerotap.features.transforms.elapsed_time import ElapsedTime
from zerotap.features.transforms.key_bits import KeyBits
from zerotap.features.transforms.keystroke_timing import KeystrokeTiming
from zerotap.features.transforms.range_scale import RangeScale
from zerotap.features.transforms.registry import TRANSFORMS
from zerotap.features.transforms.sample_scale import SampleScale
from zerotap.features.transforms.time_window import TimeWindows
from zerotap.features.transforms.typed_words import TypedWords
from zerotap.features.transforms.window_statistics import Statistics
from zerotap.firmware.board import MKR_ZERO
from zerotap.firmware.generation.push_code import generate_streaming, push_header, units_of
from zerotap.firmware.generation.transform_chain import generate_chain
from zerotap.firmware.library.exporting import export
from zerotap.firmware.options import Budget, BuildOptions
from zerotap.firmware.oracles.oracle import Oracle
from zerotap.firmware.quantising.quantise import quantise
from zerotap.firmware.simulation.toolchain import find_compiler
from zerotap.firmware.simulation.transform_board import BoardChain
from zerotap.firmware.tflite.reader import read_tflite

ZIG = BuildOptions(compiler="zig")

CHAINS = {
    "words": Pipeline("words", (TypedWords(99), CountWindows(3, 2))),
    "bits": Pipeline(
        "bits", (ElapsedTime(True), KeyBits((4, 5, 6)), TimeWindows(4, 40, 10)), "timed_reports"
    ),
    "strokes": Pipeline(
        "strokes",
        (KeystrokeTiming(), RangeScale((0, 0, 0), (255, 500, 1000)), CountWindows(2, 1)),
        "timed_reports",
    ),
    "numbers": Pipeline(
        "numbers",
        (
            SampleScale((-40_000, -(1 << 31), 0), (50_000, (1 << 31) - 1, 9)),
            CountWindows(4, 2),
            Statistics(("mean", "deviation")),
            SampleScale((-(1 << 19),), (1 << 19,)),
            RangeScale((-9000,), (9000,)),
        ),
        "numbers",
        12,
        (2,),
    ),
    "sensor": Pipeline(
        "sensor", (Decimate(3), RangeScale((-9000,), (9000,)), CountWindows(4, 2)), "samples", 6
    ),
}


@pytest.fixture(scope="module")
def compiler():
    return find_compiler("zig")


@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_on_the_board_gives_what_the_pipeline_gives(items_of, compiler, name):
    pipeline = CHAINS[name]
    board = BoardChain("chain", generate_chain("chain", pipeline.stages, pipeline.signals[0]), compiler)
    total = 0
    for seed in range(10):
        items = items_of(pipeline.signals[0], 60, seed)
        results = [result for given in board.run(items).results for result in given]
        expected = pipeline.apply(items)
        assert np.array_equal(np.array(results, expected.dtype).reshape(expected.shape), expected)
        total += len(results)
    assert total > 10


def model_of(pipeline: Pipeline, windows: np.ndarray) -> bytes:
    import keras

    from zerotap.models import model_input
    from zerotap.models.families.hashed_embedding import HashedEmbedding

    keras.utils.set_random_seed(0)
    if pipeline.kind == "text":
        source = keras.Input(pipeline.input_shape, dtype="int32")
        values = keras.layers.Flatten()(HashedEmbedding(pipeline.buckets, 4)(source))
    else:
        source = keras.Input(pipeline.input_shape)
        values = keras.layers.Flatten()(source)
    return quantise(keras.Model(source, keras.layers.Dense(3)(values)), model_input(windows))


@pytest.fixture(scope="module")
def folders(tmp_path_factory, items_of):
    """A model folder for each chain, as far as `export` reads it."""
    made = {}
    for name, pipeline in CHAINS.items():
        folder = tmp_path_factory.mktemp(name)
        windows = pipeline.apply(items_of(pipeline.signals[0], 300, 4))
        (folder / "model.tflite").write_bytes(model_of(pipeline, windows))
        (folder / "pipeline.toml").write_text(pipeline.to_toml())
        made[name] = folder
    return made


@pytest.mark.parametrize("name", CHAINS)
def test_push_gives_what_the_oracle_says_of_the_pipeline_s_windows(folders, items_of, compiler, name):
    pipeline = Pipeline.from_toml((folders[name] / "pipeline.toml").read_text())
    assert pipeline == CHAINS[name]
    graph = read_tflite(folders[name] / "model.tflite")
    board = BoardChain("model", generate_streaming(graph, pipeline, "model"), compiler)
    total = 0
    for seed in (3, 4, 8, 9):
        items = items_of(pipeline.signals[0], 60, seed)
        results = [result for given in board.run(items).results for result in given]
        windows = pipeline.apply(items)
        inputs = (windows.view(np.uint8) ^ 128).view(np.int8) if windows.dtype == np.uint8 else windows
        expected = Oracle(folders[name] / "model.tflite").invoke(inputs)
        assert np.array_equal(np.array(results, np.int8).reshape(expected.shape), expected)
        total += len(results)
    assert total > 5


def test_export_of_a_folder_reports_what_a_packet_costs(folders, tmp_path):
    arguments = ["export", folders["sensor"], "--out", tmp_path / "lib", "--name", "squat", "--json"]
    done = CliRunner().invoke(cli, [str(a) for a in [*arguments, "--rate-hz", 100, "--compiler", "zig"]])
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert 0 < report["cycles_mean"] < report["cycles_max"]
    assert report["inferences"] >= 3
    assert report["buffered_packets"] == 1
    assert report["flash_bytes"] > 0
    assert report["ram_bytes"] > 0
    packet_and_output = report["ram_total_bytes"] - report["ram_bytes"] - report["stack_bytes"]
    taken = Pipeline.from_toml((folders["sensor"] / "pipeline.toml").read_text()).signals[0].nbytes
    assert packet_and_output > taken
    assert "squat_push\tKEYWORD2\n" in (tmp_path / "lib/keywords.txt").read_text()
    assert "squat_push(const int16_t *in" in (tmp_path / "lib/src/squat_push.h").read_text()


def test_a_folder_is_exported_for_size_and_under_a_budget(folders, tmp_path):
    arguments = [folders["sensor"], tmp_path / "lib", "squat"]
    sizes = {}
    for optimise in ("speed", "size"):
        library = export(*arguments, replace(ZIG, optimise=optimise), bare=True, force=True)
        sizes[optimise] = library.report["flash_bytes"]
        stated = re.search(r"squat_FLASH_BYTES (\d+)", (tmp_path / "lib/squat.h").read_text())
        assert int(stated[1]) == sizes[optimise]
    assert sizes["size"] < sizes["speed"]
    limits = Budget(sizes["size"] - 1, MKR_ZERO.ram_bytes)
    ram = Budget(MKR_ZERO.flash_bytes, library.report["ram_total_bytes"] - 1)
    for limit in (limits, ram):
        with pytest.raises(
            DoesNotFitError, match=r"with its pipeline's stages takes .* more than the budget"
        ):
            export(*arguments, replace(ZIG, optimise="size", budget=limit), bare=True, force=True)


def test_a_budget_is_that_of_the_model_with_its_stages(folders, tmp_path):
    """The fastest plan is too large with its stages: smaller ones down to the smallest are exact."""
    arguments = [folders["sensor"], tmp_path / "lib", "squat"]
    fastest = export(*arguments, ZIG).report
    smallest = export(*arguments, replace(ZIG, optimise="size"), force=True).report["flash_bytes"]
    for most in (fastest["flash_bytes"] - 1, smallest):
        limit = replace(ZIG, budget=Budget(most, MKR_ZERO.ram_bytes))
        within = export(*arguments, limit, force=True).report
        assert smallest <= within["flash_bytes"] <= most
        assert within["verified_results"] == fastest["verified_results"] >= 3
    with pytest.raises(DoesNotFitError, match=f"stages takes {smallest:,} B of flash, more than the budget"):
        export(*arguments, replace(limit, budget=Budget(smallest - 1, MKR_ZERO.ram_bytes)), force=True)


def test_ram_is_that_of_the_model_with_its_stages(folders, tmp_path):
    """Code runs from RAM where that is left: of all that is stated the stages have theirs."""

    def exported(most):
        options = replace(ZIG, budget=Budget(MKR_ZERO.flash_bytes, most))
        return export(folders["sensor"], tmp_path / "lib", "squat", options, bare=True, force=True).report

    least = export(folders["sensor"], tmp_path / "lib", "squat", ZIG, bare=True).report["ram_total_bytes"]
    roomy = exported(least + 400)["ram_total_bytes"]
    assert least < roomy <= least + 400
    assert exported(roomy - 1)["ram_total_bytes"] < roomy
    with pytest.raises(DoesNotFitError, match=f"stages takes {least} B of RAM, more than the budget"):
        exported(least - 1)


def test_what_is_too_large_to_be_linked_is_planned_again(folders, tmp_path):
    """A board of so little flash that start-up code and the fastest plan overflow it."""
    arguments = [folders["sensor"], tmp_path / "lib", "squat"]
    fastest = export(*arguments, ZIG, bare=True).report["flash_bytes"]
    small = replace(MKR_ZERO, flash_bytes=fastest + 150)
    within = export(*arguments, replace(ZIG, board=small), bare=True, force=True).report
    assert within["flash_bytes"] < fastest
    with pytest.raises(DoesNotFitError, match="larger than the board's flash"):
        half = replace(ZIG, board=replace(MKR_ZERO, flash_bytes=fastest // 2))
        export(*arguments, half, bare=True, force=True)


def test_a_rate_that_the_board_cannot_keep_up_with_is_refused(folders, tmp_path):
    with pytest.raises(DoesNotFitError, match=r"keeps up with .* packets a second, not 9,000,000"):
        export(folders["bits"], tmp_path / "lib", "bits", ZIG, rate_hz=9e6)
    assert not (tmp_path / "lib").exists()


def test_a_host_only_stage_is_refused_by_name(folders, tmp_path):
    host_only = next(kind for kind in TRANSFORMS.values() if kind.host_only)
    transform, source = host_only.examples()[0]
    with pytest.raises(FeatureError, match=f"{host_only.name} runs on the host only"):
        generate_chain("chain", [transform], source)


def test_a_model_of_other_windows_is_refused(folders, tmp_path):
    graph = read_tflite(folders["words"] / "model.tflite")
    with pytest.raises(ModelError, match="train it again"):
        generate_streaming(graph, CHAINS["bits"], "model")


def test_a_folder_without_its_files_says_which(tmp_path):
    with pytest.raises(ModelError, match="zerotap quantise"):
        export(tmp_path, tmp_path / "lib", "x")
    (tmp_path / "model.tflite").write_bytes(b"")
    with pytest.raises(ModelError, match=r"pipeline\.toml"):
        export(tmp_path, tmp_path / "lib", "x")


@pytest.mark.parametrize("name", CHAINS)
def test_packets_to_measure_with_are_the_pipeline_s(name):
    pipeline = CHAINS[name]
    given = pipeline.draw(50)
    assert given.shape == (50, *pipeline.signals[0].shape)
    assert given.dtype == pipeline.signals[0].dtype


def test_a_pipeline_of_frames_takes_samples_of_every_channel():
    """The board reads its sensor itself: what it pushes are values, not the bytes of frames."""
    pipeline = Pipeline.read(Path(__file__).parents[2] / "data" / "zerotap-0.1" / "motion.toml")
    header = push_header("motion", generate_chain("motion", pipeline.stages, pipeline.signals[0]).source)
    assert "int32_t motion_push(const int16_t *in, motion_SCORE *output);" in header
    assert "#define motion_PACKET_SIZE 3\n" in header
    assert "/* Takes one sample, aligned" in header


@pytest.mark.parametrize(
    ("decimals", "said"),
    [
        ((2,), "times 10^2 of each (times"),
        ((3, -1), " *   channel 0: 10^3\n *   channel 1: 10^-1 (times"),
    ],
)
def test_a_pipeline_of_numbers_takes_integers_whose_units_the_header_says(decimals, said):
    stages = (SampleScale((-500,), (500,)), RangeScale((-9,), (9,)), CountWindows(4, 4))
    pipeline = Pipeline("moves", stages, "numbers", 8, decimals)
    header = push_header(
        "moves", generate_chain("moves", stages, pipeline.signals[0]).source, units_of(pipeline)
    )
    assert "int32_t moves_push(const int32_t *in, moves_SCORE *output);" in header
    assert "#define moves_PACKET_SIZE 2\n" in header
    assert said in header
    assert "ms" not in header
    timed = replace(pipeline, stages=(TimeWindows(4, 9, 9), *stages[:2]), source="timed_numbers")
    assert "The time in ms comes first." in units_of(timed)
    assert units_of(CHAINS["sensor"]) == ""
