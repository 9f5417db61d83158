"""A flat report as lines of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from zerotap.reporting import visible

_WIDTH: Final = 18


def report_lines(report: Mapping[str, Any]) -> list[str]:
    """A line a figure: counts with commas, six digits of a scale, yes or no."""
    width = max([_WIDTH, *map(len, report)])
    return [f"{key:<{width}} {_text(value)}" for key, value in report.items()]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Mapping):
        return visible(", ".join(f"{name} {_text(each)}" for name, each in value.items()))
    return f"{value:.6g}" if isinstance(value, float) else str(value)
