"""docs/operators.md from the registry: python docs/making/operator_page.py.

Models of every operator are drawn as the conformance tests draw them; the planner says the rest.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from zerotap.errors import ModelError
from zerotap.firmware import Layer, plan
from zerotap.firmware.operators import CHAINS, FUSIONS, OPERATORS, elementwise

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "operators.md"
TESTS: Final = ROOT / "tests" / "firmware"
DRAWS: Final = 12
_FEWEST_MACS: Final = 200
_INTRO: Final = """# Operators

What a `.tflite` may hold. Every operator computes the oracle's bits, or the model is refused with the
layer's number, its shapes and the cause. This page is made from the registry by
`python docs/making/operator_page.py`; a test holds it to be current.

Kernels are those that the planner chooses from. Cycles are the cost model's (at zero wait states) of the
fastest kernel, on models that are drawn as the tests draw them: for a multiply-accumulate of layers with at
least 200, or in brackets for a value of the output. Large layers come near the lower figure.

| operator | what of it | kernels | cycles a multiply-accumulate |
| --- | --- | --- | ---: |"""


def page(writer: Any) -> str:  # noqa: ANN401
    """The page's text; ``writer`` is what the tests write a drawn model with."""
    rows = [_row(name, module, writer) for name, module in sorted(OPERATORS.items())]
    pairs = [
        f"| {first} and {second} | {_about(module)} | one layer | |"
        for (first, second), module in sorted(FUSIONS.items())
    ]
    chains = [
        f"| several {name} | {_about(module)} | one layer | |" for name, module in sorted(CHAINS.items())
    ]
    tables = ", ".join(sorted(elementwise.FUNCTIONS - OPERATORS.keys()))
    rest = f"| {tables} | {_about(elementwise)} | `lookup`, `lookup_channels` | as TANH |"
    return "\n".join([_INTRO, *rows, rest, *pairs, *chains, ""])


def _row(name: str, module: Any, writer: Any) -> str:  # noqa: ANN401
    layers = list(_layers(name, writer))
    kernels = sorted({each.kernel for layer in layers for each in layer.implementations} - {"none"})
    named = ", ".join(f"`{kernel}`" for kernel in kernels) or "none: nothing runs"
    return f"| {name} | {_about(module)} | {named} | {_cycles(layers)} |"


def _about(module: Any) -> str:  # noqa: ANN401
    """The first paragraph of a module's docstring, without what only a reader of the code needs."""
    paragraph = (module.__doc__ or "").strip().split("\n\n")[0]
    return re.sub(r"\s+", " ", paragraph).replace("|", "\\|")


def _cycles(layers: list[Layer]) -> str:
    heavy = [layer for layer in layers if layer.macs >= _FEWEST_MACS]
    rates = [layer.choice.cycles / layer.macs for layer in heavy]
    if rates:
        return _range(rates)
    values = [layer.choice.cycles / layer.target.size for layer in layers if layer.choice.cycles]
    return f"({_range(values)})" if values else ""


def _range(rates: list[float]) -> str:
    low, high = (f"{rate:.1f}" if rate < 10 else f"{rate:,.0f}" for rate in (min(rates), max(rates)))
    return low if low == high else f"{low} to {high}"


def _layers(name: str, writer: Any) -> Iterator[Layer]:  # noqa: ANN401
    """The operator's layers of a few drawn models, as planned."""
    from all_makers import make

    for seed in range(DRAWS):
        try:
            planned = plan(make(writer, name, seed)[1])
        except ModelError:  # drawn too near a limit
            continue
        yield from (layer for layer in planned.layers if layer.operators[0].name == name)


def _writer() -> Any:  # noqa: ANN401
    """What the tests write models with, and on the path what they draw them with."""
    sys.path[:0] = [str(TESTS), str(TESTS / "makers")]
    from conftest import ModelSpec, TensorSpec, write_tflite

    return TensorSpec, ModelSpec, write_tflite


if __name__ == "__main__":
    PAGE.write_text(page(_writer()), encoding="utf-8")
