"""Where the cycles and the flash of a model go, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from zerotap.models.report.page.drawing import Drawing, Table, Words, draw
from zerotap.models.report.page.palette import series, stand_in
from zerotap.models.report.page.wording import count, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from zerotap.models.comparing.costs import LayerCost

NAME_MOST: Final = 24
DRAWN_MOST: Final = 24
"""Layers in the picture, the dearest; the table has all."""
_BAR: Final = 0.34


def layer_bars(words: Words, layers: Sequence[LayerCost]) -> Drawing:
    """Draw each layer's share of an invoke's cycles and of the layers' flash, in the order of computing."""
    cycles, flash = (max(1, sum(values)) for values in zip(*map(_costs, layers), strict=True))
    table = Table(
        ("layer", "operator", "cycles", "of all", "flash, B", "of all"),
        tuple(
            (
                one.name,
                one.operator,
                count(one.cycles),
                f"{one.cycles / cycles:.0%}",
                count(one.flash_bytes),
                f"{one.flash_bytes / flash:.0%}",
            )
            for one in layers
        ),
    )
    dearest = sorted(layers, key=lambda one: one.cycles / cycles + one.flash_bytes / flash)[-DRAWN_MOST:]
    drawn = [one for one in layers if one in dearest]

    def paint(axes: Axes) -> None:
        for place, one in enumerate(drawn):
            _bar(axes, place - _BAR / 2, (one.cycles / cycles, one.cycles), 0)
            _bar(axes, place + _BAR / 2, (one.flash_bytes / flash, one.flash_bytes), 1)
        axes.set_yticks(range(len(drawn)), [short(one.operator.lower(), NAME_MOST) for one in drawn])
        axes.set_ylim(len(drawn) - 0.4, -0.6)
        axes.set_xlim(0, 1.24)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
        axes.grid(visible=False, axis="y")
        handles = [axes.patches[0], axes.patches[1]]
        axes.figure.legend(handles, ["cycles", "flash, bytes"], loc="outside lower center", ncols=2)

    return draw(words, table, paint, height=80 + 34 * len(drawn))


def _costs(layer: LayerCost) -> tuple[int, int]:
    return layer.cycles, layer.flash_bytes


def _bar(axes: Axes, place: float, value: tuple[float, int], index: int) -> None:
    part, number = value
    axes.barh(place, part, _BAR, color=series(index), alpha=(1, 0.85)[index])
    axes.text(part + 0.015, place, count(number), va="center", fontsize="small", color=stand_in("soft"))
