"""What a model's inputs and outputs are called where there are several: as signature or tensors say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import tflite

from zerotap.firmware.graph import Graph
from zerotap.firmware.taken_names import KEYWORDS

_LENGTH_MAX: Final = 40
_SIGNATURES_MAX: Final = 16
# What the converter puts around a name: "serving_default_NAME:0".
_CONVERTER: Final = re.compile(r"^serving_default_|:0$")

Names = tuple[tuple[str, ...], tuple[str, ...]]


def end_names(model: tflite.Model, graph: Graph) -> Names:
    """A C identifier for each input and each output, unlike all others; none where there is one of each."""
    if not graph.has_several_ends:
        return ((), ())
    sides = []
    for signature in _signatures(model):
        sides = [_signed(named, side) for named, side in zip(signature, _ends(graph), strict=True)]
        if all(sides):
            break
    else:
        sides = [[graph.tensors[index].name for index in side] for side in _ends(graph)]
    names = apart([plain_name(name) for side in sides for name in side])
    return tuple(names[: len(graph.inputs)]), tuple(names[len(graph.inputs) :])


def plain_name(name: str) -> str:
    """A name as an identifier of C and C++."""
    plain = re.sub(r"\W", "_", _CONVERTER.sub("", name), flags=re.ASCII)[:_LENGTH_MAX].rstrip("_")
    if not re.match(r"[A-Za-z]", plain):
        plain = f"tensor_{plain.lstrip('_')}"
    return f"{plain}_" if plain in KEYWORDS else plain


def _ends(graph: Graph) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return graph.inputs, graph.outputs


def _signatures(model: tflite.Model) -> Iterator[tuple[dict[int, str], dict[int, str]]]:
    for place in range(min(model.SignatureDefsLength(), _SIGNATURES_MAX)):
        signature = model.SignatureDefs(place)
        inputs = [signature.Inputs(at) for at in range(signature.InputsLength())]
        outputs = [signature.Outputs(at) for at in range(signature.OutputsLength())]
        yield _by_tensor(inputs), _by_tensor(outputs)


def _by_tensor(named: Sequence[tflite.TensorMap]) -> dict[int, str]:
    return {each.TensorIndex(): (each.Name() or b"").decode("utf-8", "replace") for each in named}


def _signed(names: dict[int, str], side: Sequence[int]) -> list[str]:
    """The signature's names of these tensors; none where it does not name each."""
    return [names[index] for index in side] if all(names.get(index) for index in side) else []


def apart(names: Sequence[str]) -> list[str]:
    """Identifiers, with a number behind those that are taken already, in letters of either case."""
    taken: set[str] = set()
    result = []
    for name in names:
        chosen, number = name, 1
        while chosen.lower() in taken:
            number += 1
            chosen = f"{name}_{number}"
        taken.add(chosen.lower())
        result.append(chosen)
    return result
