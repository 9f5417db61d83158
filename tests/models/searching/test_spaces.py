"""Every family says what a search draws of it: whatever is drawn builds, is planned, linked and exported."""

from dataclasses import replace

import numpy as np
import pytest

from zerotap.capture import generate_corpus, type_corpus
from zerotap.errors import ModelError
from zerotap.features import PIPELINE_FILE, IntegerModel, write_integer_model
from zerotap.firmware import TFLITE_FILE, Budget, BuildOptions, export, write_tflite
from zerotap.models import TrainingSide, candidates, split_recordings
from zerotap.models.families.description import sizes_of
from zerotap.models.families.family import FittedSpec
from zerotap.models.families.registry import MODELS, ON_FEATURES
from zerotap.models.searching.asking import KnownAsk
from zerotap.models.searching.training_side import drawn_windows
from zerotap.models.searching.validating import _blank
from zerotap.models.training.settings import TrainingSettings
from zerotap.reporting import no_progress
from zerotap.workflow.board_plan import PlannedBoard, Units

FAMILIES = {**MODELS, **{f"{name} on features": spec for name, spec in ON_FEATURES.items()}}
ROOMY = BuildOptions(compiler="zig", budget=Budget(1 << 24, 1 << 24))
DRAWS = 25
# One of each kind of model; the others go the same way.
PLANNED = ["dense", "linear", "forest"]


class RandomAsk:
    """Answers by a seed."""

    def __init__(self, seed, fixed=None):
        self.rng, self.fixed, self.names = np.random.default_rng(seed), fixed or {}, []

    def among(self, name, options):
        assert name not in self.names, "asked for once"
        self.names.append(name)
        return self.fixed.get(name, options[int(self.rng.integers(len(options)))])

    def whole(self, name, least, most):
        assert 1 <= least < most
        return int(self.among(name, (least, most, int(self.rng.integers(least, most + 1)))))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return type_corpus(generate_corpus(40, 0), tmp_path_factory.mktemp("typed") / "moods", seed=0)


@pytest.fixture(scope="module")
def side(dataset):
    return TrainingSide(dataset, split_recordings(dataset, no_progress))


@pytest.mark.parametrize("name", FAMILIES)
def test_the_starts_are_the_family_as_it_is_and_its_presets(name):
    spec = FAMILIES[name]
    space = spec.variants.space
    assert list(space.starts) == list(sizes_of(spec))
    for size, answers in space.starts.items():
        ask = KnownAsk({"weight_bits": 8, **answers})
        drawn, expected = replace(space.size(ask), pipeline=space.pipeline(ask)), sizes_of(spec)[size]
        assert drawn.pipeline.to_toml() == expected.pipeline.to_toml()
        assert drawn.layers == expected.layers
        assert set(answers) <= {*ask.used, "weight_bits"}


@pytest.mark.parametrize("name", FAMILIES)
def test_whatever_is_drawn_is_a_model_that_its_pipeline_feeds(name):
    """``check`` refuses windows that are too short for its layers."""
    space = FAMILIES[name].variants.space
    for seed in range(DRAWS):
        ask = RandomAsk(seed)
        drawn = replace(space.size(ask), pipeline=space.pipeline(ask))
        drawn.check()


@pytest.mark.parametrize(
    "name", [name if name in PLANNED else pytest.param(name, marks=pytest.mark.thorough) for name in MODELS]
)
def test_what_is_drawn_is_planned_linked_and_exported(name, side, tmp_path):
    found = candidates(side.split, ())
    ask = RandomAsk(3, {"family": name})
    chosen = found.drawn(ask)
    fitter = side.fitter(chosen.spec, no_progress).of_seed(0)
    pipeline = fitter.spec.pipeline
    network = _blank(fitter, 0)
    if network is None:
        network = fitter.fit(side.windows(pipeline, no_progress), TrainingSettings()).network
    board = PlannedBoard(Units.of(side.split, "message"), ROOMY, None)
    model = board.model(network, drawn_windows(pipeline, 32, 0), chosen.weight_bits)
    costs = model.costs(pipeline)
    assert 0 < costs.cycles <= costs.cycles_most
    if isinstance(network, IntegerModel):
        write_integer_model(network, tmp_path)
    else:
        write_tflite(model.content, tmp_path / TFLITE_FILE)
    (tmp_path / PIPELINE_FILE).write_text(pipeline.to_toml())
    library = export(tmp_path, tmp_path / "out", "drawn", ROOMY)
    assert library.report["flash_bytes"] == costs.flash_bytes


def test_a_family_that_is_fitted_at_once_has_a_blank_of_its_shape_or_none(side):
    """A forest's size depends on the windows; a table's blank takes as much as one that was fitted."""
    blanks = {name: spec.blank for name, spec in FAMILIES.items() if isinstance(spec, FittedSpec)}
    assert blanks.pop("forest") is None
    assert all(blanks.values())


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"layers": 9}, "layers is none of 1, 2"),
        ({"layers": 1, "layer_1": 10_000}, "give a whole number, 4 to 32"),
        ({}, "layers is not among the parameters"),
    ],
)
def test_answers_that_a_space_does_not_have_are_refused(answers, words):
    with pytest.raises(ModelError, match=words):
        MODELS["bag"].variants.space.size(KnownAsk(answers))


def test_starts_of_cheap_families_come_first(side):
    starts = candidates(side.split, ()).starts()
    families = list(dict.fromkeys(start["family"] for start in starts))
    assert set(families) == set(MODELS)
    assert set(families[:2]) == {"linear", "forest"}
    assert families.index("bag") < families.index("conv") < families.index("keys")


def test_an_unknown_family_lists_the_known_ones(side):
    with pytest.raises(ModelError, match=r"no model 'wood': choose one of dense, conv, [a-z, -]+$"):
        candidates(side.split, ("wood",))


def test_a_file_of_one_s_own_is_not_drawn_and_not_run(side, tmp_path):
    (tmp_path / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    with pytest.raises(ModelError, match=r"a search draws no model .*own\.py': choose one of dense"):
        candidates(side.split, (str(tmp_path / "own.py"),))
    assert not (tmp_path / "ran").exists()
