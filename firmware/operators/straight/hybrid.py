"""Some outputs of a layer in straight line, the others by rows of weights: as many as the flash has room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from zerotap.firmware.c_code import c_source
from zerotap.firmware.c_code.assembly import code_bytes
from zerotap.firmware.operators.parts import weighted
from zerotap.firmware.operators.parts.interface import Emission, Function, Implementation

from .bodies import Body
from .layers import StraightLayer

# The function's call and, for each of its outputs, where it goes: gcc 12 -O2.
_CALL_CYCLES: Final = 20
_PLACE_CYCLES: Final = 10
# So many ways at most, evenly from the first to the last.
_WAYS: Final = 32


@dataclass(frozen=True, slots=True)
class Parts:
    """Both parts of a layer: ``lined`` outputs in straight line, and of ``others`` those by rows.

    ``rest`` computes the others, in their order and without scratch, from the layer's input.
    """

    lined: Implementation
    others: tuple[int, ...]
    rest: Implementation

    def implementation(self) -> Implementation:
        """The whole layer."""
        lined, rest, count = self.lined, self.rest, len(self.others)
        return replace(
            lined,
            kernel=f"{lined.kernel}; {count} outputs: {rest.kernel}",
            runtime=tuple(dict.fromkeys((*lined.runtime, *rest.runtime))),
            constant_bytes=lined.constant_bytes + rest.constant_bytes + -(-count // 4) * 4,
            cycles=lined.cycles + rest.cycles + _CALL_CYCLES + _PLACE_CYCLES * count,
            emit=self._emit,
        )

    def _emit(self, label: str) -> Emission:
        lined, rest, count = self.lined.emit(label), self.rest.emit(f"{label}_rest"), len(self.others)
        function = Function(f"static void {label}_rest(const int8_t *input, int8_t *output)", rest.body)
        places = c_source.array("uint8_t", f"{label}_places", list(self.others))
        about = f"/* Outputs by rows: {label}_places. */\n"
        lines = [
            lined.body,
            f"int8_t rest[{count}];",
            f"{label}_rest(input, rest);",
            *weighted.loop("i", 0, count, [f"output[{label}_places[i]] = rest[i];"]),
        ]
        constants = lined.constants + rest.constants + about + places
        functions = (*lined.functions, *rest.functions, function)
        return Emission(
            constants, weighted.body(lines), functions, lined.assembly, lined.shared + rest.shared
        )


def parts(
    layer: StraightLayer,
    lined: Callable[[StraightLayer], Implementation],
    rest: Callable[[tuple[int, ...]], Implementation],
) -> Iterator[Implementation]:
    """Ways with fewer and fewer outputs in straight line, those first that take the least flash."""
    found = sorted(zip(layer.bodies.groups, layer.bodies.each, strict=True), key=_bytes_an_output)
    step = -(-len(found) // _WAYS)
    for count in range(len(found) - step, 0, -step):
        groups = tuple(sorted(group for group, _ in found[:count]))
        taken = {output for group in groups for output in group}
        others = tuple(output for output in range(len(layer.form.each)) if output not in taken)
        yield Parts(lined(replace(layer, groups=groups)), others, rest(others)).implementation()


def _bytes_an_output(made: tuple[tuple[int, ...], Body]) -> float:
    group, body = made
    return code_bytes(body.lines) / len(group)
