"""The same layer in C, for what is not the board."""

from __future__ import annotations

from zerotap.firmware.arithmetic.scaling import NARROW_BITS, WIDE_BITS

from .program import Layer

# A weight of the first outputs, in words of two, and of the others, four bytes with 128 added.
_READY = "(int16_t)(i & 2 ? word : (word - (uint32_t)(int16_t)word) >> 16)"
_BYTE = "(int32_t)(word >> 8 * ((i + 2) & 3) & 255) - 128"


def statements(layer: Layer) -> str:
    """A body that reads input, weights and scales, and writes output; records are not used."""
    lanes, inputs = layer.lanes, 2 * layer.lanes.words
    row = [f"for (int32_t i = 0; i < {inputs}; i++) {{", *_weight(layer), "}"]
    lines = [
        "(void)records;",
        f"for (int32_t channel = 0; channel < {layer.outputs}; channel++) {{",
        f"    int16_t row[{inputs}];",
        *(f"    {line}" for line in row),
        "    int32_t largest = -2147483647 - 1;",
        f"    for (int32_t at = 0; at < {lanes.positions}; at++) {{",
        "        int32_t sum = row[0] * 65536 + row[2]; /* as on the board, the scales' low has it, too */",
        f"        for (int32_t i = 0; i < {inputs}; i++) {{",
        f"            sum += row[i] * input[{2 * lanes.step} * at + i];",
        "        }",
        "        largest = sum > largest ? sum : largest;",
        "    }",
        f"    output[channel] = {_scaled(layer)};",
        f"    weights += {_next(layer)};",
        "}",
    ]
    return "\n    ".join(lines)


def _weight(layer: Layer) -> list[str]:
    """The weight of input i."""
    is_ready = f"channel < {layer.ready}"
    place = {0: "i / 4", layer.outputs: "i / 4 * 2 + i % 2"}.get(
        layer.ready, f"{is_ready} ? i / 4 * 2 + i % 2 : i / 4"
    )
    value = {0: _BYTE, layer.outputs: _READY}.get(layer.ready, f"{is_ready} ? {_READY} : {_BYTE}")
    return [
        f"    const uint32_t word = weights[{place}];",
        f"    row[i] = (int16_t)({value});",
    ]


def _next(layer: Layer) -> str:
    """From an output's weights to the next one's."""
    words = layer.lanes.words
    sizes = {0: f"{words // 2}", layer.outputs: f"{words}"}
    return sizes.get(layer.ready, f"channel < {layer.ready} ? {words} : {words // 2}")


def _scaled(layer: Layer) -> str:
    form = layer.form
    bits = WIDE_BITS if form.is_wide else NARROW_BITS
    scale = "&scales[channel].scale" if form.is_signed else "&scales[channel]"
    middle = (form.zero_point << 24) + (1 << 23)
    step = f"scales[channel].step, {middle}" if form.is_signed else "0, 0"
    return f"zerotap_scaled_byte(largest, {scale}, {bits}, {step})"
