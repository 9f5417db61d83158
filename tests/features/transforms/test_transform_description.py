"""What is said of every transform: its fields with ranges that it keeps to, and the costs that ship."""

import dataclasses
import json
import math
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from zerotap.errors import FeatureError
from zerotap.features import Pipeline, Windows, transforms
from zerotap.features.transforms.description import COSTS_FILE
from zerotap.features.transforms.interface import Signal
from zerotap.features.transforms.parameters import REQUIRED, parameters_of
from zerotap.features.transforms.registry import TRANSFORMS

MEASURED = Path(__file__).parents[3] / "benchmarks" / "features" / "transforms.json"
every_transform = pytest.mark.parametrize("name", TRANSFORMS)
FIELDS = [
    pytest.param(kind, parameter, id=f"{name}-{parameter.name}")
    for name, kind in TRANSFORMS.items()
    for parameter in parameters_of(kind)
]


def with_value(kind, parameter, value, number=0):
    """An example with another value in one field."""
    example, _ = kind.examples()[number]
    return dataclasses.replace(example, **{parameter.name: (value,) if parameter.is_list else value})


@pytest.mark.parametrize(("kind", "parameter"), FIELDS)
def test_a_field_has_a_meaning_and_its_default_is_of_its_type(kind, parameter):
    assert parameter.about.meaning
    assert parameter.scalar in (int, float, str, bool)
    if parameter.default is not REQUIRED:
        assert parameter.takes(list(parameter.default) if parameter.is_list else parameter.default)


@pytest.mark.parametrize(("kind", "parameter"), FIELDS)
def test_a_field_of_text_says_what_may_be_chosen(kind, parameter):
    if parameter.scalar is str:
        assert parameter.about.choices


@pytest.mark.parametrize(("kind", "parameter"), FIELDS)
def test_what_lies_beyond_the_range_that_is_stated_is_refused(kind, parameter):
    about = parameter.about
    beyond = [] if about.least is None else [about.least - 1]
    beyond += [] if about.most is None else [about.most + 1]
    beyond += ["nonsense" if parameter.scalar is str else 99] if about.choices else []
    assert beyond or parameter.scalar is bool
    for value in beyond:
        with pytest.raises(FeatureError):
            with_value(kind, parameter, value)


@pytest.mark.parametrize(("kind", "parameter"), FIELDS)
def test_whatever_may_be_chosen_is_taken(kind, parameter):
    for choice in parameter.about.choices:
        # A mask needs a power of two, which not every example has.
        with_value(kind, parameter, choice, number=1 if choice == "mask" else 0)


@every_transform
def test_the_toml_that_is_shown_is_a_stage(name):
    one = transforms.describe(name)
    assert one.text.startswith(one.summary)
    assert "``" not in one.text
    (stage,) = tomllib.loads(one.toml)["stages"]
    assert stage == {"transform": name, **json.loads(json.dumps(one.example))}


@every_transform
def test_what_runs_on_the_board_has_a_cost_of_what_it_takes(name):
    one = transforms.describe(name)
    assert bool(one.costs) != bool(one.host_only)
    for cost in one.costs:
        fields = {
            key: tuple(value) if isinstance(value, list) else value for key, value in cost.fields.items()
        }
        transform = TRANSFORMS[name](**fields)
        dtype, _, shape = cost.item.partition(" ")
        size = tuple(int(part) for part in shape.strip("()").split(",") if part)
        target = transform.output(Signal(size, dtype))
        assert cost.result == f"{target.dtype} {target.shape}"
        assert 0 < cost.cycles_median <= cost.cycles_max
        assert math.isfinite(cost.items_per_second)


def test_the_costs_that_ship_are_those_of_the_benchmark():
    assert json.loads(COSTS_FILE.read_text()) == json.loads(MEASURED.read_text())["board"]


def test_the_door_lists_and_gives_transforms_by_name():
    assert transforms.names() == sorted(TRANSFORMS)
    for name, kind in TRANSFORMS.items():
        assert transforms.describe(name).class_name in dir(transforms)
        assert getattr(transforms, transforms.describe(name).class_name) is kind
    with pytest.raises(FeatureError, match="range_scale"):
        transforms.describe("fourier")


def test_a_field_that_is_wrong_is_described_by_the_same_table():
    with pytest.raises(FeatureError, match=r"narrow takes shift \(int, required, 0 to 31 bits\)"):
        Pipeline.from_toml('name = "a"\nstages = [{transform = "narrow"}]')


def test_describing_and_reading_pipelines_loads_nothing_heavy():
    program = (
        "import sys\n"
        "from zerotap.features import Pipeline, transforms\n"
        "[transforms.describe(name).to_json() for name in transforms.names()]\n"
        "Pipeline.read(sys.argv[1])\n"
        "print([name for name in ('tensorflow', 'keras', 'scipy', 'sklearn', 'rich') if name in sys.modules])"
    )
    example = Path(__file__).parents[3] / "examples" / "motion.toml"
    run = subprocess.run([sys.executable, "-c", program, str(example)], capture_output=True, text=True)
    assert (run.stdout.strip(), run.stderr) == ("[]", "")


def test_windows_print_their_shape_and_not_their_arrays():
    windows = Windows(np.zeros((500, 96, 8), np.uint8), np.arange(500) % 3, np.arange(500) // 50)
    assert repr(windows) == "Windows(500 of uint8 (96, 8), 3 classes, 10 recordings)"
    assert repr(Windows(windows.x[:0], windows.y[:0], windows.groups[:0])).startswith(
        "Windows(0 of uint8 (96, 8)"
    )
