"""The same layer in C, for what is not the board: unsigned words, which wrap."""

from __future__ import annotations

from zerotap.firmware.arithmetic.scaling import NARROW_BITS, WIDE_BITS

from .program import Layer
from .tiles import Tiles

_WORD = 1 << 32


def words(tiles: Tiles) -> str:
    """A body that reads input and writes words."""
    channels, points, together = tiles.line.channels, tiles.transform.inputs, tiles.together
    lines = [
        *_table("rows", tiles.transform.rows()),
        f"for (int32_t tile = 0; tile < {tiles.groups * together}; tile++) {{",
        f"    const int32_t even = {tiles.outputs} * tile;",
        f"    const int32_t begin = even < {tiles.last} ? even : {tiles.last};",
        f"    uint32_t *group = words + {points * channels * together} * (tile / {together});",
        f"    for (int32_t i = 0; i < {points * channels}; i++) {{",
        f"        const int8_t *from = input + {channels} * begin + i % {channels};",
        "        uint32_t word = 0;",
        f"        for (int32_t k = 0; k < {points}; k++) {{",
        f"            word += rows[i / {channels}][k] * (uint32_t)from[{channels} * k];",
        "        }",
        f"        group[{together} * i + tile % {together}] = word;",
        "    }",
        "}",
    ]
    return "\n    ".join(lines)


def sums(layer: Layer) -> str:
    """A body that reads words, weights and scales, and writes output."""
    tiles = layer.tiles
    channels, points, together = tiles.line.channels, tiles.transform.inputs, tiles.together
    lines = [
        *_table("columns", tiles.transform.columns()),
        f"for (int32_t channel = 0; channel < {layer.outputs}; channel++) {{",
        "    int32_t largest = -2147483647 - 1;",
        f"    for (int32_t tile = 0; tile < {tiles.groups * together}; tile++) {{",
        f"        const uint32_t *group = words + {points * channels * together} * (tile / {together});",
        f"        uint32_t results[{tiles.outputs}] = {{0}};",
        f"        for (int32_t i = 0; i < {points * channels}; i++) {{",
        f"            const uint32_t product = weights[i] * group[{together} * i + tile % {together}];",
        f"            for (int32_t k = 0; k < {tiles.outputs}; k++) {{",
        f"                results[k] += columns[i / {channels}][k] * product;",
        "            }",
        "        }",
        f"        for (int32_t k = 0; k < {tiles.outputs}; k++) {{",
        "            largest = (int32_t)results[k] > largest ? (int32_t)results[k] : largest;",
        "        }",
        "    }",
        f"    output[channel] = {_scaled(layer)};",
        f"    weights += {points * channels};",
        "}",
    ]
    return "\n    ".join(lines)


def _table(name: str, rows: list[list[int]]) -> list[str]:
    listed = [f"    {{{', '.join(f'{each % _WORD}u' for each in row)}}}," for row in rows]
    return [f"static const uint32_t {name}[{len(rows)}][{len(rows[0])}] = {{", *listed, "};"]


def _scaled(layer: Layer) -> str:
    form, sum_ = layer.form, f"largest >> {layer.tiles.transform.lost_bits}"
    bits = WIDE_BITS if form.is_wide else NARROW_BITS
    scale = "&scales[channel].scale" if form.is_signed else "&scales[channel]"
    middle = (form.zero_point << 24) + (1 << 23)
    step = f"scales[channel].step, {middle}" if form.is_signed else "0, 0"
    return f"zerotap_scaled_byte({sum_}, {scale}, {bits}, {step})"
