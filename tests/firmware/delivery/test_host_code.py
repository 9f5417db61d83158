"""The host's C is the board's: what the simulated board and a model's own form give."""

from pathlib import Path

import numpy as np
import pytest
from drawn_forests import drawn_forest
from drawn_tables import drawn_table

from zerotap.errors import ModelError
from zerotap.features import PIPELINE_FILE, Pipeline, transforms, write_integer_model
from zerotap.firmware import open_artefact
from zerotap.firmware.delivery import host_code
from zerotap.firmware.delivery.host_code import HostCode, open_host_code
from zerotap.firmware.simulation.toolchain import find_compiler
from zerotap.firmware.simulation.transform_board import BoardChain

OLD = Path(__file__).parents[2] / "data/zerotap-0.1/model"
PIPELINES = {
    "forest": Pipeline("bytes", (transforms.CountWindows(3, 2, 0.5),)),
    "table": Pipeline("words", (transforms.TypedWords(60),)),
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[str, Path]:
    made = {"tflite": OLD}
    networks = {
        "forest": drawn_forest(2, inputs=24, limits=(0, 60)),
        "table": drawn_table(3, by_root=True, bits=4, buckets=60),
    }
    for name, network in networks.items():
        made[name] = tmp_path_factory.mktemp(name)
        write_integer_model(network, made[name])
        (made[name] / PIPELINE_FILE).write_text(PIPELINES[name].to_toml())
    return made


def pushed(code: HostCode, items: np.ndarray) -> list[list[np.ndarray]]:
    return [*map(code.push, items), code.flush()]


@pytest.mark.parametrize("name", ["forest", "table"])
def test_results_are_those_of_the_models_own_form(folders, name):
    artefact, pipeline = open_artefact(folders[name]), PIPELINES[name]
    code = open_host_code(folders[name])
    assert code.at_end == (name == "table")
    for seed in range(3):
        items = pipeline.draw(40 + seed, seed)
        expected = artefact.oracle(lambda *_: None).invoke(artefact.rows(pipeline.apply(items)))
        assert np.array_equal([each for step in pushed(code, items) for each in step], expected)


def test_a_networks_results_are_those_of_the_simulated_board_step_by_step(folders):
    pipeline = Pipeline.read(OLD / PIPELINE_FILE)
    artefact = open_artefact(OLD)
    chain = artefact.behind(pipeline, "model", artefact.sources("model"))
    items = pipeline.draw(120, 1)
    items[::12] = 0x2C * (np.arange(8) == 2)  # spaces, so that there are words
    board = BoardChain("model", chain, find_compiler("zig")).run(items).results
    here = pushed(open_host_code(OLD), items)
    assert [[each.tolist() for each in step] for step in here] == [
        [list(each) for each in step] for step in board
    ]
    assert sum(map(len, here)) >= 2


def test_two_of_one_model_share_no_variables_and_only_the_first_is_compiled(folders, monkeypatch):
    monkeypatch.setattr(host_code, "host_library", lambda *_: pytest.fail("compiled again"))
    one, other = open_host_code(folders["forest"]), open_host_code(folders["forest"])
    items = PIPELINES["forest"].draw(9, 5)
    alone = pushed(open_host_code(folders["forest"]), items)
    mixed = [(one.push(item), other.push(255 - item)) for item in items]
    for (given, _), expected in zip(mixed, alone, strict=False):
        assert np.array_equal(given, expected)
    assert np.array_equal(one.flush(), alone[-1])


def test_what_is_no_folder_of_a_model_is_told(folders, tmp_path):
    with pytest.raises(ModelError, match="is missing"):
        (tmp_path / "table.npz").write_bytes((folders["table"] / "table.npz").read_bytes())
        open_host_code(tmp_path)
    with pytest.raises(ValueError, match="an item has 8 elements, not 7"):
        open_host_code(folders["table"]).push(np.zeros(7, np.uint8))
