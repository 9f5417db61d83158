"""The report of a decision as lines of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def streaming_lines(report: Mapping[str, Any]) -> list[str]:
    """What runs while a window arrives, what waits for it, and what a packet costs either way."""
    facts = _what(report)
    labels = {"streamed": "packet", "whole": "whole"}
    facts += [(label, _cost(report[way])) for way, label in labels.items() if way in report]
    return [f"{name:<8} {text}" for name, text in facts]


def _what(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    because = report["because"]
    if not report["layers"]:
        return [("streamed", f"no: {because}")]
    reason = [("", because)] if because else []
    return [("streamed", f"{', '.join(report['layers'])} while a window arrives"), *reason]


def _cost(way: Mapping[str, Any]) -> str:
    mean, most = way["cycles_mean"], way["cycles_max"]
    pause = f"longest {most:,} ({way['pause_ms']:.3f} ms on the board)"
    return f"{mean:,} cycles on average, {pause}, RAM {way['ram_bytes']:,} B"
