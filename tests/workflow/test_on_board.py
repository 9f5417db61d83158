"""`zerotap verify --on PORT`: a test set, or drawn inputs, through a port that is simulated in Python."""

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from live_models import MOVED, WORDS, moved_forest, text_table
from stream_board import StreamBoard

from zerotap.capture import generate_corpus, open_dataset, type_corpus
from zerotap.cli import cli
from zerotap.errors import BoardError, ModelError
from zerotap.features import read_integer_model
from zerotap.firmware import BuildOptions, find_board, library_build, open_host_code
from zerotap.firmware.delivery.messages import Identity
from zerotap.workflow import verification_data, verify_on_board

BUILD = "0123abcd"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {"text": text_table(folder / "text"), "moved": moved_forest(folder / "moved")}


@pytest.fixture
def board_of(models, tmp_path):
    made = []

    def plug(name: str) -> StreamBoard:
        code, invoke, window = open_host_code(models[name]), None, 0
        if name == "moved":
            forest, window = read_integer_model(models[name] / "forest.npz"), 4 * 48

            def invoke(data):
                return forest.scores(np.frombuffer(data, np.int32)[None])[0]

        item_bytes = code.item_size * code.item_dtype.itemsize
        made.append(StreamBoard(tmp_path / "tty", Identity(window, 2, 4, item_bytes, BUILD), invoke, code))
        return made[-1]

    yield plug
    for board in made:
        board.end()


@pytest.fixture
def library(tmp_path):
    def exported(build: str):
        folder = tmp_path / f"library-{build}"
        folder.mkdir()
        (folder / "library.properties").write_text(f"name=mood\nversion=0.2.0+{build}\nurl=\n")
        return folder

    return exported


def verify(*arguments):
    return CliRunner().invoke(cli, ["verify", *map(str, arguments)])


def test_drawn_inputs_and_a_drawn_recording(models, board_of, library):
    board = board_of("moved")
    done = verify(models["moved"], "--on", board.path, "--library", library(BUILD), "--json")
    assert done.exit_code == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["samples"], report["mismatches"], report["pushed"]) == (32, 0, 1)
    assert report["pushed_results"] == len(MOVED.apply(MOVED.draw(400))) and not report["pushed_mismatches"]
    assert report["us"]["p90"] == 250 and report["build"] == BUILD
    assert "zerotap classify" in done.stderr


def test_every_test_recording_of_a_model_of_ids_goes_there(models, board_of, tmp_path):
    dataset = tmp_path / "moods"
    type_corpus(generate_corpus(24, 0), dataset, seed=0, synthetic=True)
    board = board_of("text")
    report = verify_on_board(models["text"], str(board.path), dataset=dataset)
    test = open_dataset(dataset).split().test
    assert (report.pushed, report.pushed_mismatches, report.samples) == (len(test), 0, 0)
    assert report.pushed > 3 and report.pushed_results == report.pushed
    assert len(verification_data(models["text"], dataset)[1]) == 3
    keys = sum(len(WORDS.items(recording)) for recording, _ in test)
    assert len(report.seconds) == keys


def test_a_difference_ends_with_4(models, board_of):
    board = board_of("moved")
    right = board._invoke
    board._invoke = lambda data: right(data) + 1
    done = verify(models["moved"], "--on", board.path)
    assert isinstance(done.exception, Exception) and done.exception.exit_code == 4
    assert "32 of 32 samples of the board at" in str(done.exception)
    assert re.search(r"^mismatches +32$", done.stdout, re.MULTILINE)


def test_what_is_not_at_the_port_is_told_before_anything_is_sent(models, board_of, library, tmp_path):
    board = board_of("moved")
    with pytest.raises(BoardError, match="has the build 0123abcd, the library is fedcba98"):
        verify_on_board(models["moved"], str(board.path), library=library("fedcba98"))
    assert board.requests == 1  # it was asked who it is
    with pytest.raises(ModelError, match=r"cannot be read .*: give a folder of `zerotap export`"):
        verify_on_board(models["moved"], str(board.path), library=tmp_path)
    with pytest.raises(ModelError, match="names no build: export the library again"):
        library_build(library("none"))
    assert board.requests == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--on", "PORT", "--optimise", "size"),
            "--on PORT runs what is flashed there: leave out --optimise",
        ),
        (("--library", "DIR"), "--library says what is on the board that --on names: give both"),
        (("--on", "PORT", "--samples", "-", "--dataset", "D"), "give either --dataset or --samples"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(models, arguments, said):
    done = verify(models["moved"], *arguments)
    assert done.exit_code == 2 and said in done.stderr


def test_the_simulated_board_boots_the_library_s_sketch_and_has_the_oracles_bits(models):
    report = verify_on_board(models["moved"], "simulated")
    told = report.to_json()
    assert (told["samples"], told["mismatches"], told["pushed"], told["pushed_mismatches"]) == (32, 0, 1, 0)
    assert told["pushed_results"] == len(MOVED.apply(MOVED.draw(400))) and not told["resent"]
    assert told["port"] == "the simulated board" and len(told["build"]) == 8
    assert 0 < told["us"]["p50"] < 1000 * told["round_trip_ms"]["p50"]
    assert told["requests_per_second"] > 500


def test_what_is_not_simulated_is_told_before_anything_is_built(models, library):
    with pytest.raises(ModelError, match="gets a library that is exported now: leave the other one out"):
        verify_on_board(models["moved"], "simulated", library=library(BUILD))
    pico = BuildOptions(find_board("pico"))
    with pytest.raises(ModelError, match="the Raspberry Pi Pico is not simulated as a whole board"):
        verify_on_board(models["moved"], "simulated", options=pico)


@pytest.mark.hardware
@pytest.mark.skipif("ZEROTAP_PORT" not in os.environ, reason="ZEROTAP_PORT names no port")
def test_a_real_board_has_the_oracles_bits():
    """ZEROTAP_MODEL names a model's folder, ZEROTAP_LIBRARY its export; SerialStream is at ZEROTAP_PORT."""
    model, library, port = (os.environ[f"ZEROTAP_{name}"] for name in ("MODEL", "LIBRARY", "PORT"))
    report = verify_on_board(Path(model), port, library=library)
    report.check(model)
    assert report.to_json()["requests_per_second"] >= 500
