"""Colours: read in both themes, and told apart by whoever looks at them."""

import re
from itertools import combinations

import numpy as np
import pytest

from zerotap.models.report.page.palette import (
    HEAT,
    PAGE,
    ROLE_OF,
    ROLES,
    SERIES,
    contrast,
    heat,
    mark,
    series,
    series_of,
    stand_in,
    style_rules,
)

TEXT, SHAPES = 4.5, 3.0
NORMAL = np.eye(3)
VISIONS = {
    "normal": NORMAL,
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}  # fmt: skip
TOLD_APART = 10.0
"""Of CIE76: two and a little are seen side by side; this is seen at a glance."""


def as_seen(colour: str, vision) -> np.ndarray:
    """A colour in CIE L*a*b*, by the matrices of Machado and others for missing cones."""
    shares = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(vision) @ linear, 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(to_xyz @ seen / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("surface", ["page", "surface", "sunken"])
@pytest.mark.parametrize("role", ["ink", "soft", "link", "good", "bad"])
def test_text_is_read_on_every_surface(theme, surface, role):
    assert contrast(PAGE[role][theme], PAGE[surface][theme]) >= TEXT


@pytest.mark.parametrize("theme", [0, 1])
def test_what_stands_on_heat_is_read_and_badges_are(theme):
    for step, shade in enumerate(HEAT):
        assert contrast(shade[theme], ROLES[f"on-heat{step}"][theme]) >= TEXT
    assert contrast(PAGE["surface"][theme], PAGE["good"][theme]) >= TEXT
    assert contrast(PAGE["surface"][theme], PAGE["ink"][theme]) >= TEXT  # what a pointer is told


@pytest.mark.parametrize("theme", [0, 1])
def test_series_are_seen_on_the_page(theme):
    assert min(contrast(shade[theme], PAGE["surface"][theme]) for shade in SERIES) >= SHAPES


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("vision", VISIONS)
def test_series_are_told_apart_by_every_kind_of_colour_vision(theme, vision):
    seen = [as_seen(shade[theme], VISIONS[vision]) for shade in SERIES]
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) >= TOLD_APART


def test_series_are_told_apart_without_colour_too():
    looks = [(series(index), mark(index)) for index in range(len(SERIES) ** 2)]
    assert len(set(looks)) == len(looks)
    assert len({mark(index) for index in range(len(SERIES))}) == len(SERIES)


def test_heat_grows_and_stays_in_its_bounds():
    assert [heat(share)[0] for share in (-1, 0, 1, 2)] == [stand_in(f"heat{at}") for at in (0, 0, 10, 10)]
    light = [contrast(shade.light, "#ffffff") for shade in HEAT]
    assert light == sorted(light)


def test_the_style_sheet_has_every_role_in_both_themes():
    rules = style_rules()
    for role, shade in ROLES.items():
        assert rules.count(f"--{role}:{shade.light};") >= 2
        assert rules.count(f"--{role}:{shade.dark};") >= 2
        assert f".f-{role}{{fill:var(--{role})}}" in rules
    assert set(ROLE_OF.values()) == set(ROLES)
    assert not re.search(r"url\(|@import|http", rules)


def test_a_model_s_series_is_its_kind_s_or_a_further_one():
    """The first of a kind has its kind's, whatever the order; the desktop's series is no model's."""
    kinds = {"bag": "text", "conv": "raw", "linear": "text", "dense": "raw", "rnn": "text", "tcn": "raw"}
    assert series_of(kinds) == {"bag": 1, "conv": 0, "linear": 2, "dense": 3, "rnn": 5, "tcn": 6}
    assert series_of({"bag": "text"}) == {"bag": 1}
