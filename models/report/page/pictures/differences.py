"""Pairs on the same recordings: the difference of their macro-F1 with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from zerotap.models.comparing.verdicts.mcnemar import ALPHA
from zerotap.models.comparing.verdicts.wording import p_number
from zerotap.models.report.page.drawing import Drawing, Table, Words, draw
from zerotap.models.report.page.palette import series, stand_in
from zerotap.models.report.page.wording import count, short, signed, signed_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from zerotap.models.comparing.pair_values import Pair

NAME_MOST: Final = 15
DRAWN_MOST: Final = 28
_BAND: Final = 0.12


def differences(words: Words, pairs: Sequence[Pair], margin: float) -> Drawing:
    """Draw each pair's difference; where its interval leaves zero out, and p is small, it is shown."""
    table = Table(
        (
            "a",
            "b",
            "both right",
            "only a",
            "only b",
            "neither",
            "macro-F1 a − b",
            "95 %",
            "p",
            "p (Holm)",
            "a not worse",
        ),
        tuple(_row(one) for one in pairs),
    )
    drawn = pairs[:DRAWN_MOST]

    def paint(axes: Axes) -> None:
        axes.axvspan(-margin, margin, color=stand_in("soft"), alpha=_BAND, linewidth=0)
        axes.axvline(0, color=stand_in("soft"), linewidth=1)
        for place, one in enumerate(drawn):
            _pair(axes, place, one)
        axes.set_yticks(range(len(drawn)), [_names(one) for one in drawn])
        axes.set_ylim(len(drawn) - 0.4, -0.6)
        axes.grid(visible=False, axis="y")
        axes.set_xlabel("difference of macro-F1")
        widest = max(max(map(abs, one.interval)) for one in drawn)
        reach = max(widest * 1.1, margin * 2)
        axes.set_xlim(-reach, reach)

    return draw(words, table, paint, height=80 + 25 * len(drawn))


def _pair(axes: Axes, place: int, one: Pair) -> None:
    is_shown = one.p_holm < ALPHA
    colour = series(0) if is_shown else stand_in("soft")
    axes.plot(one.interval, [place, place], color=colour, linewidth=2)
    face = colour if is_shown else stand_in("surface")
    axes.plot([one.difference], [place], "o", color=colour, markerfacecolor=face, markersize=7)


def _names(one: Pair) -> str:
    return f"{short(one.a, NAME_MOST)} − {short(one.b, NAME_MOST)}"


def _row(one: Pair) -> tuple[str, ...]:
    return (
        one.a,
        one.b,
        *(count(number) for number in (one.both, one.only_a, one.only_b, one.none)),
        signed(one.difference),
        signed_interval(one.interval),
        p_number(one.mcnemar),
        p_number(one.p_holm),
        "yes" if one.not_worse else "not shown",
    )
