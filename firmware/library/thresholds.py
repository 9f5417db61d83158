"""Thresholds of a model's outputs, in NAME.h as integers: the board compares and needs no scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zerotap.firmware.c_code.c_source import comment_text

from .public_header import with_declarations

if TYPE_CHECKING:
    from zerotap.firmware.artefacts import Artefact


@dataclass(frozen=True, slots=True)
class Threshold:
    """What an output is of, and the real value from which on it counts."""

    label: str
    real: float


def threshold_codes(thresholds: Sequence[Threshold], artefact: Artefact) -> dict[str, int]:
    """What each label's output has to be at least, as the board has it, in order."""
    return {one.label: artefact.least_score(one.real) for one in thresholds}


def with_thresholds(
    sources: Mapping[str, str], name: str, codes: Mapping[str, int], never: int
) -> dict[str, str]:
    """``sources`` whose NAME.h has NAME_THRESHOLDS too: an initialiser, an int a label.

    ``never``: the code of what no output reaches. Without ``codes`` the sources are as they were. Raises
    ModelError where NAME.h has no place for them.
    """
    if not codes:
        return dict(sources)
    labels = comment_text(", ".join(codes))
    values = ", ".join(map(str, codes.values()))
    macro = (
        f"/* Output i counts from this value on ({never}: never). The outputs: {labels}. */\n"
        f"#define {name}_THRESHOLDS {{{values}}}\n"
    )
    return {**sources, f"{name}.h": with_declarations(sources[f"{name}.h"], macro)}
