"""Some outputs of a layer in straight line, the others by rows of weights: as many as the flash has room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from zerotap.firmware.c_code import c_source
from zerotap.firmware.c_code.assembly import code_bytes
from zerotap.firmware.operators.parts import weighted
from zerotap.firmware.operators.parts.interface import Emission, Function, Implementation
from zerotap.firmware.operators.parts.row_kernels import BLOCK

from .bodies import Body
from .grouping import groups
from .layers import SIZES, StraightLayer

# The function's call and, for each of its outputs, where it goes: gcc 12 -O2.
_CALL_CYCLES: Final = 20
_PLACE_CYCLES: Final = 10


@dataclass(frozen=True, slots=True)
class Parts:
    """Both parts of a layer: ``lined`` outputs in straight line, and of ``others`` those by rows.

    ``rest`` computes the others, in their order, from the layer's input.
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
            constant_bytes=lined.constant_bytes + rest.constant_bytes + -(-count // 2) * 4,
            cycles=lined.cycles + rest.cycles + _CALL_CYCLES + _PLACE_CYCLES * count,
            emit=self._emit,
            scratch_bytes=max(lined.scratch_bytes, rest.scratch_bytes),
            stack_bytes=max(lined.stack_bytes, rest.stack_bytes),
            code_bytes=lined.code_bytes + rest.code_bytes,
        )

    def _emit(self, label: str) -> Emission:
        lined, rest, count = self.lined.emit(label), self.rest.emit(f"{label}_rest"), len(self.others)
        scratch = (", int8_t *scratch", ", scratch") if self.rest.scratch_bytes else ("", "")
        head = f"static void {label}_rest(const int8_t *input, int8_t *output{scratch[0]})"
        places = c_source.array("uint16_t", f"{label}_places", list(self.others))
        about = f"/* Outputs by rows: {label}_places. */\n"
        lines = [
            lined.body,
            f"int8_t rest[{count}];",
            f"{label}_rest(input, rest{scratch[1]});",
            *weighted.loop("i", 0, count, [f"output[{label}_places[i]] = rest[i];"]),
        ]
        constants = lined.constants + rest.constants + about + places
        functions = (*lined.functions, *rest.functions, Function(head, rest.body))
        assembly, shared = (*lined.assembly, *rest.assembly), (*lined.shared, *rest.shared)
        return Emission(constants, weighted.body(lines), functions, assembly, shared)


def parts(
    layer: StraightLayer,
    make: Callable[[StraightLayer], Implementation],
    rest: Callable[[tuple[int, ...]], Implementation],
) -> Iterator[Implementation]:
    """Ways with fewer and fewer outputs in straight line, those first that take the least flash.

    Rows of weights want BLOCK outputs at a time.
    """
    for size in SIZES:
        whole = replace(layer, groups=tuple(groups(layer.matrix, size))).bodies
        found = sorted(zip(whole.groups, whole.each, strict=True), key=_bytes_an_output)
        for count in range(len(found) - 1, 0, -1):
            taken = tuple(sorted(group for group, _ in found[:count]))
            lined = {output for group in taken for output in group}
            others = tuple(output for output in range(len(layer.form.each)) if output not in lined)
            if len(others) % BLOCK == 0:
                yield Parts(make(replace(layer, groups=taken)), others, rest(others)).implementation()


def _bytes_an_output(made: tuple[tuple[int, ...], Body]) -> float:
    group, body = made
    return code_bytes(body.lines) / len(group)
