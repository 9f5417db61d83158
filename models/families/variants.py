"""A family's other sizes: presets by name, and widths of its layers that a user gives."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from zerotap.errors import ModelError

from .family import Family

WIDTH_MAX: Final = 1024


def chosen_variant(spec: Family, preset: str | None, layers: tuple[int, ...] = ()) -> Family:
    """``spec`` as a ``preset`` has it, or with ``layers`` of such widths; itself where neither is given.

    Raises ModelError for both at once, and for what the family does not have.
    """
    if preset is not None and layers:
        raise ModelError(f"the preset {preset} of {spec.name} has its layers: give one of the two")
    if preset is None and not layers:
        return spec
    chosen = _sized(spec, layers) if preset is None else _preset(spec, preset)
    return replace(chosen, name=spec.name, family=spec.family)


def _preset(spec: Family, preset: str) -> Family:
    presets = spec.variants.presets
    if preset not in presets:
        known = f"choose one of {', '.join(presets)}" if presets else "leave it out"
        raise ModelError(f"model {spec.name} has no preset {preset!r}: {known}")
    return presets[preset].spec


def _sized(spec: Family, layers: tuple[int, ...]) -> Family:
    variants = spec.variants
    if variants.sized is None:
        raise ModelError(
            f"model {spec.name} has no layers to choose: leave them out, or choose another model"
        )
    if len(layers) > variants.most or not all(1 <= width <= WIDTH_MAX for width in layers):
        raise ModelError(
            f"model {spec.name} has no layers {','.join(map(str, layers))}: give 1 to {variants.most} "
            f"widths, 1 to {WIDTH_MAX} each"
        )
    return variants.sized(layers)
