"""A layer in straight line as C: the calls of its function, and its C where there is no ARMv6-M."""

from __future__ import annotations

from collections.abc import Sequence

from zerotap.firmware.arithmetic.scaling import NARROW_BITS, WIDE_BITS
from zerotap.firmware.c_code import c_source
from zerotap.firmware.c_code.assembly import AssemblyFunction
from zerotap.firmware.operators.parts.row_kernels import sum_range
from zerotap.firmware.operators.parts.weighted import loop

from .ends import Ending
from .layers import StraightLayer
from .orders import HALF_MAX
from .packing import Pairing

PACKED = "int32_t *packed = (int32_t *)(void *)scratch;"


def calls(layer: StraightLayer, label: str, output: str) -> list[str]:
    """C that makes the words and calls the function; ``output`` is where the results of output 0 go."""
    made = _calls(layer, layer.pairs, label, output, 0)
    if layer.tail is None:
        return [PACKED, *made]
    # Both sums of the last position are its own.
    count = len(layer.form.each)
    halved = loop("i", 0, count, [f"{output}[i] += last[i] / 2;"])
    tail = _calls(layer, layer.tail, label, "last", layer.pairs.words)
    return [PACKED, f"int32_t last[{count}];", *made, *tail, *halved]


def _calls(layer: StraightLayer, pairs: Pairing, label: str, output: str, at: int) -> list[str]:
    """Of these pairs, whose words begin ``at``."""
    begin, end = f"packed + {at}" if at else "packed", f"packed + {at + pairs.count * layer.pairs.step}"
    if layer.windows > 1:
        begin, end = (f"{each} + {layer.window_words} * x" for each in (begin, end))
        output = f"{output} + {layer.step} * x"
    lines = [f"{label}_body({begin}, {end}, {output}, {label}_scales);"]
    looped = loop("x", 0, layer.windows, lines) if layer.windows > 1 else lines
    return [*pairs.calls(label, at), *looped]


def function(layer: StraightLayer, label: str) -> AssemblyFunction:
    """The function that those calls are of."""
    about = f"A few outputs after the other, at two positions a turn, {layer.ending.value}."
    return made(layer, label, about, portable(layer, _summed(layer), _results(layer)))


def _summed(layer: StraightLayer) -> list[str]:
    """C that makes both sums of output i, in ``pair``: tap by tap where these lie apart."""
    line = layer.pairs.line
    if line.dilation == 1:
        return ["int32_t pair[2];", f"zerotap_pair_sums(packed, weights[i], {layer.inputs}, pair);"]
    channels, step = line.channels, line.dilation * line.channels
    tap = [
        "int32_t own[2];",
        f"zerotap_pair_sums(packed + {step} * tap, weights[i] + {channels} * tap, {channels}, own);",
        *(f"pair[{position}] += own[{position}];" for position in (0, 1)),
    ]
    return ["int32_t pair[2] = {0, 0};", *loop("tap", 0, line.kernel, tap)]


def made(layer: StraightLayer, label: str, about: str, in_c: str) -> AssemblyFunction:
    """A layer's function with what it is ``about``, and its C for other processors."""
    low, high = sum_range(layer.rows[layer.bodies.order])
    kind = "int32_t *sums" if layer.ending is Ending.MEAN else "int8_t *output"
    scales = "int32_t (*scales)[4]" if layer.late else f"{layer.form.kind} *scales"
    arguments = f"const int32_t *packed, const int32_t *end, {kind}, const {scales}"
    proven = (
        f" No sum can leave\n * [{low.min()}, {high.max()}], no run of products that share a word "
        f"[-{HALF_MAX}, {HALF_MAX}]."
    )
    name, lines = f"{label}_body", tuple(layer.bodies.lines)
    return AssemblyFunction(name, f"void {name}({arguments})", lines, in_c, about + proven)


def portable(layer: StraightLayer, summed: Sequence[str], results: Sequence[str]) -> str:
    """The same in C: what makes the sums of output i at ``packed``, and what becomes of them."""
    group = layer.bodies.order
    rows = "".join(f"        {c_source.braced(layer.rows[output].tolist())},\n" for output in group)
    count, ending = len(group), layer.ending
    kept = {Ending.MEAN: "sums[channels[i]] = 0;", Ending.LARGEST: "largest[i] = -2147483647 - 1;"}
    begun = [f"for (int32_t i = 0; i < {count}; i++) {{", f"    {kept.get(ending, '')}", "}"]
    stored = f"    output[channels[i]] = {scaled(layer, 'largest[i]')};"
    own = layer.form.taken(group).table("own").partition("static")[2].rstrip().splitlines()
    lines = [
        *([f"static{own[0]}", *own[1:], "(void)scales;"] if layer.late else []),
        f"static const int8_t weights[{count}][{layer.inputs}] = {{\n{rows}    }};",
        f"static const uint16_t channels[{count}] = {c_source.braced(group)};",
        *([f"int32_t largest[{count}];"] if ending is Ending.LARGEST else []),
        *(begun if ending.is_kept else []),
        f"for (; packed != end; packed += {layer.pairs.step}) {{",
        f"    for (int32_t i = 0; i < {count}; i++) {{",
        *(f"        {line}" for line in (*summed, *results)),
        "    }",
        *([] if ending.is_kept else [f"    output += {layer.step};"]),
        "}",
        *([begun[0], stored, "}"] if ending is Ending.LARGEST else []),
    ]
    return "\n    ".join(lines)


def _results(layer: StraightLayer) -> list[str]:
    """What becomes of both sums, in ``pair``, of output i."""
    larger = "pair[0] > pair[1] ? pair[0] : pair[1]"
    if layer.ending is Ending.LARGEST:
        return [
            f"const int32_t larger = {larger};",
            "largest[i] = larger > largest[i] ? larger : largest[i];",
        ]
    if layer.ending is Ending.MAXIMUM:
        return [f"output[channels[i]] = {scaled(layer, larger)};"]
    both = [scaled(layer, f"pair[{position}]") for position in (0, 1)]
    if layer.ending is Ending.MEAN:
        return [f"sums[channels[i]] += {each};" for each in both]
    return [f"output[channels[i]] = {both[0]};", f"output[channels[i] + {layer.apart}] = {both[1]};"]


def scaled(layer: StraightLayer, total: str) -> str:
    """The int8 of a sum of output i in C."""
    form, scales = layer.form, "own_scales" if layer.late else "scales"
    bits = WIDE_BITS if form.is_wide else NARROW_BITS
    scale = f"&{scales}[i].scale" if form.is_signed else f"&{scales}[i]"
    middle = (form.zero_point << 24) + (1 << 23)
    step = f"{scales}[i].step, {middle}" if form.is_signed else "0, 0"
    return f"zerotap_scaled_byte({total}, {scale}, {bits}, {step})"
