"""Presets and layers: what each costs is what its docstring states, and what a family has not is refused."""

from dataclasses import replace

import pytest
from family_costs import every_spec, measured, same_cost

from zerotap.errors import ModelError
from zerotap.features import Pipeline
from zerotap.features.transforms import CountWindows
from zerotap.models.families.description import sizes_of, stated_costs
from zerotap.models.families.registry import ON_FEATURES, model_spec
from zerotap.models.families.variants import chosen_variant

PRESETS = [
    pytest.param(spec, name, id=f"{spec.name}-{name}", marks=[pytest.mark.thorough] if place else [])
    for spec in every_spec()
    for place, name in enumerate(spec.variants.presets)
]


@pytest.mark.parametrize(("spec", "name"), PRESETS)
def test_a_preset_costs_what_the_docstring_states(spec, name):
    assert same_cost(stated_costs(spec)[name], measured(sizes_of(spec)[name], seed=1))


@pytest.mark.parametrize("spec", every_spec(), ids=lambda spec: spec.name)
def test_every_family_says_where_it_comes_from_how_it_is_built_and_what_it_costs(spec):
    paragraphs = spec.about.split("\n\n")
    assert paragraphs[0].endswith(".")
    assert any(year in paragraphs[1] for year in ("19", "20", "arXiv"))
    assert any(part.startswith("Shape: ") for part in paragraphs)
    assert list(stated_costs(spec)) == list(sizes_of(spec))


@pytest.mark.parametrize(
    "spec", [spec for spec in every_spec() if spec.variants.sized], ids=lambda one: one.name
)
def test_layers_are_those_given_and_the_default_s_are_its_own(spec):
    assert chosen_variant(spec, None, spec.layers).build.keywords == spec.build.keywords
    assert chosen_variant(spec, None, (5,)).layers == (5,)
    model = chosen_variant(spec, None, (5,)).build(spec.pipeline, 3)
    assert model.output.shape == (None, 3)


@pytest.mark.parametrize(
    "spec", [spec for spec in every_spec() if spec.least_shape], ids=lambda one: one.name
)
def test_the_least_shape_is_the_least(spec):
    """One step less cannot be built."""
    for size in (spec, *(chosen_variant(spec, None, layers) for layers in ((4,), (4, 4)))):
        steps = size.least_shape[0]
        first = spec.pipeline.stages[:-1]
        least, fewer = (Pipeline("cut", (*first, CountWindows(long, 1))) for long in (steps, steps - 1))
        size.build(least, 2)
        with pytest.raises(ModelError, match="longer windows"):
            replace(size, pipeline=fewer).check()
        if spec.name != "tcn":  # which pads
            with pytest.raises(ValueError, match=r"negative|least|size"):
                size.build(fewer, 2)


@pytest.mark.parametrize(
    ("name", "preset", "layers", "words"),
    [
        ("dense", "huge", (), "no preset 'huge': choose one of small, ancestor"),
        ("features", "small", (), "no preset 'small': leave it out"),
        ("features", None, (8,), "no layers to choose"),
        ("rnn", None, (16, 16), "give 1 to 1 widths, 1 to 1024"),
        ("dense", None, (0,), "no layers 0"),
        ("dense", None, (2000,), "no layers 2000"),
        ("dense", "small", (8,), "give one of the two"),
    ],
)
def test_what_a_family_has_not_is_refused(name, preset, layers, words):
    with pytest.raises(ModelError, match=words):
        chosen_variant(ON_FEATURES["linear"] if name == "features" else model_spec(name), preset, layers)


def test_the_ancestor_s_networks_have_its_shapes():
    ancestor = chosen_variant(model_spec("dense"), "ancestor")
    model = ancestor.build(ancestor.pipeline, 2)
    widths = [layer.units for layer in model.layers if hasattr(layer, "units")]
    assert (model.input.shape[1:], widths) == ((1, 8), [16, 8, 2])
    hashed = model_spec("hashed-dense")
    assert hashed.build(hashed.pipeline, 6).layers[1].table.shape == (8193, 16)
    for width in (16, 64):
        wide = chosen_variant(model_spec("rnn"), str(width))
        lstm = next(layer for layer in wide.build(wide.pipeline, 1).layers if hasattr(layer, "forward_layer"))
        assert lstm.forward_layer.units == lstm.backward_layer.units == width
