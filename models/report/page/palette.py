"""The page's colours by what they are for, in light and in dark; pictures and style sheet share them.

A picture is drawn with stand-ins and its shapes become classes ("f-ink" fills, "s-ink" strokes), so that one
picture serves both themes. Series differ for every kind of colour vision, and in marks and dashes besides.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any, Final, NamedTuple


class Shade(NamedTuple):
    """A colour, as #rrggbb, on a light page and on a dark one."""

    light: str
    dark: str


_HEAT_ENDS: Final = (Shade("#f0f4f8", "#1d242c"), Shade("#08467f", "#79b8f0"))
HEAT_STEPS: Final = 11
_LINEAR_BELOW: Final = 0.04045

PAGE: Final[Mapping[str, Shade]] = {
    "page": Shade("#f7f8f9", "#0e1115"),
    "surface": Shade("#ffffff", "#15191e"),
    "sunken": Shade("#eef1f4", "#1d232a"),
    "ink": Shade("#16191d", "#e8ebee"),
    "soft": Shade("#545c66", "#a3acb7"),
    "rule": Shade("#d9dee3", "#2e363f"),
    "link": Shade("#005a94", "#6cb6f5"),
    "good": Shade("#0a6b45", "#4fd3a2"),
    "bad": Shade("#a3331a", "#ff9b80"),
}
"""Surfaces, text and rules. "soft" and "link" are text too."""
SERIES: Final = (
    Shade("#0067a5", "#58a9ee"),
    Shade("#c8500c", "#ff9a5c"),
    Shade("#06905a", "#1fe0b0"),
    Shade("#4d2a5c", "#a868b0"),
    Shade("#7f8595", "#b8a98a"),
    Shade("#8c2a14", "#e9e3ff"),
)
"""Of lines, bars and marks; the first two are also those of the kinds raw and text."""
_MARKS: Final = ("o", "s", "^", "D", "v", "P")
_DASHES: Final = ("-", (0, (5, 2)), (0, (1.2, 1.6)), (0, (6, 2, 1.2, 2)), (0, (3, 1.5)), (0, (9, 2)))
_MARK_PATHS: Final = {
    "o": "M1.5 6a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z",
    "s": "M2 2h8v8h-8z",
    "^": "M6 1.5l5 9h-10z",
    "D": "M6 1l5 5-5 5-5-5z",
    "v": "M6 10.5l5-9h-10z",
    "P": "M4.5 1.5h3v3h3v3h-3v3h-3v-3h-3v-3h3z",
}
KIND_SERIES: Final[Mapping[str, int]] = {"raw": 0, "text": 1}
DESKTOP_SERIES: Final = 4


def _between(share: float) -> Shade:
    ends = [(_channels(low), _channels(high)) for low, high in zip(*_HEAT_ENDS, strict=True)]
    mixed = [[round(a + (b - a) * share) for a, b in zip(low, high, strict=True)] for low, high in ends]
    return Shade(*("#" + "".join(f"{value:02x}" for value in rgb) for rgb in mixed))


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def luminance(colour: str) -> float:
    """The relative luminance of a colour, 0 to 1, as WCAG 2 defines it."""
    shares = (value / 255 for value in _channels(colour))
    linear = [
        share / 12.92 if share <= _LINEAR_BELOW else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21, as WCAG 2 defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _read_on(shade: Shade) -> Shade:
    """Black or white: what is read best on each of its colours."""
    return Shade(*(max(("#000000", "#ffffff"), key=lambda text: contrast(text, on)) for on in shade))


HEAT: Final = tuple(_between(step / (HEAT_STEPS - 1)) for step in range(HEAT_STEPS))
ROLES: Final[Mapping[str, Shade]] = {
    **PAGE,
    **{f"series{index}": shade for index, shade in enumerate(SERIES)},
    **{f"heat{index}": shade for index, shade in enumerate(HEAT)},
    **{f"on-heat{index}": _read_on(shade) for index, shade in enumerate(HEAT)},
}
"""Every colour of the page by what it is for."""
_STAND_INS: Final[Mapping[str, str]] = {name: f"#fe{index:04x}" for index, name in enumerate(ROLES)}
ROLE_OF: Final[Mapping[str, str]] = {colour: name for name, colour in _STAND_INS.items()}
"""What a stand-in in a drawn picture stands for."""


def stand_in(role: str) -> str:
    """The colour that a picture is drawn with for ``role``."""
    return _STAND_INS[role]


def series(index: int) -> str:
    """The stand-in of a series; they begin again where there are more than SERIES has."""
    return stand_in(f"series{index % len(SERIES)}")


def series_of(kinds: Mapping[str, str]) -> dict[str, int]:
    """Which series is a model's, wherever a line is one's; ``kinds`` by their names, in order.

    The first of a kind has its kind's; the others have further ones, none the desktop's.
    """
    first = {kind: name for name, kind in reversed([*kinds.items()])}
    of_kinds = {first[kind]: index for kind, index in KIND_SERIES.items() if kind in first}
    further = (at for at in itertools.count(len(KIND_SERIES)) if at % len(SERIES) != DESKTOP_SERIES)
    return {name: of_kinds[name] if name in of_kinds else next(further) for name in kinds}


def mark(index: int) -> str:
    """The mark of a series; with its colour it differs from that of every other up to 36."""
    return _MARKS[_turn(index)]


def dashes(index: int) -> Any:  # noqa: ANN401 - matplotlib takes a word or a pattern
    """The dashes of a series' line."""
    return _DASHES[_turn(index)]


def mark_path(index: int) -> str:
    """The same mark as the data of an SVG path, 12 by 12."""
    return _MARK_PATHS[_MARKS[_turn(index)]]


def _turn(index: int) -> int:
    return (index + index // len(SERIES)) % len(_MARKS)


def heat(share: float) -> tuple[str, str]:
    """The stand-ins of a cell for a share of 0 to 1, and of the text on it."""
    step = round(min(1.0, max(0.0, share)) * (HEAT_STEPS - 1))
    return stand_in(f"heat{step}"), stand_in(f"on-heat{step}")


def style_rules() -> str:
    """The style sheet's part that says the colours: variables by theme, and the classes of shapes."""
    light, dark = ({name: shade[theme] for name, shade in ROLES.items()} for theme in (0, 1))
    shapes = "\n".join(f".f-{name}{{fill:var(--{name})}}.s-{name}{{stroke:var(--{name})}}" for name in ROLES)
    return "\n".join(
        [
            f":root{{color-scheme:light;{_variables(light)}}}",
            f'@media (prefers-color-scheme:dark){{:root:not([data-theme="light"]){{'
            f"color-scheme:dark;{_variables(dark)}}}}}",
            f':root[data-theme="dark"]{{color-scheme:dark;{_variables(dark)}}}',
            f"@media print{{:root:root:root{{color-scheme:light;{_variables(light)}}}}}",
            shapes,
        ]
    )


def _variables(colours: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{colour};" for name, colour in colours.items())
