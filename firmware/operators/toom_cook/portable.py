"""The same layer in C, for what is not the board: unsigned words, which wrap."""

from __future__ import annotations

from zerotap.firmware.arithmetic.scaling import NARROW_BITS, WIDE_BITS

from .program import Layer
from .tiles import WORD_BYTES, Tiles

_WORD = 1 << 32


def words(tiles: Tiles, factored: int) -> str:
    """A body that reads input, the last tile at last, and writes words; the first points have factors."""
    channels, points, together = tiles.line.channels, tiles.transform.inputs, tiles.together
    factors = [*tiles.transform.factors()[:factored], *[1] * (points - factored)]
    rows = zip(factors, tiles.transform.rows(), strict=True)
    lines = [
        *_table("rows", [[factor * each for each in row] for factor, row in rows]),
        f"for (int32_t tile = 0; tile < {tiles.groups * together}; tile++) {{",
        f"    const int32_t even = {tiles.outputs * channels} * tile, most = (int32_t)(last - input);",
        "    const int8_t *begin = input + (even < most ? even : most);",
        f"    uint32_t *group = words + {points * channels * together} * (tile / {together});",
        f"    for (int32_t i = 0; i < {points * channels}; i++) {{",
        f"        const int8_t *from = begin + i % {channels};",
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
        *(_begin(layer) if layer.made else []),
        f"for (int32_t channel = 0; channel < {layer.outputs}; channel++) {{",
        *(_made(layer) if layer.made else []),
        f"    int32_t largest = {_least(layer)};",
        f"    for (int32_t tile = 0; tile < {tiles.groups * together}; tile++) {{",
        f"        const uint32_t *group = words + {points * channels * together} * (tile / {together});",
        f"        uint32_t results[{tiles.outputs}] = {{0}};",
        f"        for (int32_t i = 0; i < {points * channels}; i++) {{",
        *_weight(layer),
        f"            const uint32_t product = weight * group[{together} * i + tile % {together}];",
        f"            for (int32_t k = 0; k < {tiles.outputs}; k++) {{",
        f"                results[k] += columns[i / {channels}][k] * product;",
        "            }",
        "        }",
        f"        for (int32_t k = 0; k < {tiles.outputs}; k++) {{",
        "            largest = (int32_t)results[k] > largest ? (int32_t)results[k] : largest;",
        "        }",
        "    }",
        f"    {_result(layer)}",
        *([] if layer.made else [f"    weights += {layer.weight_words};"]),
        "}",
    ]
    return "\n    ".join(lines)


def _least(layer: Layer) -> str:
    lost = layer.tiles.transform.lost_bits
    return f"largest_sums[channel] * {1 << lost}" if layer.is_kept else "-2147483647 - 1"


def _result(layer: Layer) -> str:
    if layer.is_kept:
        return f"largest_sums[channel] = largest >> {layer.tiles.transform.lost_bits};"
    return f"output[channel] = {_scaled(layer)};"


def _begin(layer: Layer) -> list[str]:
    """Where taps and the weights that are made of them lie, and what they are made with."""
    return [
        *_table("powers", layer.tiles.transform.powers()),
        f"uint32_t *made = words + {layer.tiles.scratch_bytes // WORD_BYTES};",
        f"const uint32_t *taps = weights + {layer.weight_words * layer.ready};",
    ]


def _made(layer: Layer) -> list[str]:
    """Weights of all points and channels of an output, by its taps."""
    channels, taps, ready = layer.tiles.line.channels, layer.tiles.line.kernel, layer.ready
    own, count = f"{layer.weight_words} * channel", layer.weight_words
    number = f"{channels * taps} * (channel - {ready}) + {taps} * (i % {channels}) + k"
    return [
        f"    const uint32_t *own = channel < {ready} ? weights + {own} : made;"
        if ready
        else "    const uint32_t *own = made;",
        f"    for (int32_t i = 0; i < {count} && own == made; i++) {{",
        "        made[i] = 0;",
        f"        for (int32_t k = 0; k < {taps}; k++) {{",
        f"            const int32_t number = {number};",
        "            const int8_t tap = (int8_t)(taps[number / 4] >> 8 * (number % 4));",
        f"            made[i] += powers[i / {channels}][k] * (uint32_t)tap;",
        "        }",
        "    }",
    ]


def _weight(layer: Layer) -> list[str]:
    """The weight of point and channel i."""
    if layer.made:
        return ["            const uint32_t weight = own[i];"]
    channels = layer.tiles.line.channels
    row, end = -(-channels // 2), layer.narrow * channels
    narrow = f"weights[i / {channels} * {row} + i % {channels} / 2] >> 16 * (i % {channels} % 2)"
    wide = f"weights[i + {layer.narrow * row - end}]"
    half = f"(uint32_t)(int16_t)({narrow})"
    whole = layer.narrow == layer.tiles.transform.inputs
    return [f"            const uint32_t weight = {half if whole else f'i < {end} ? {half} : {wide}'};"]


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
