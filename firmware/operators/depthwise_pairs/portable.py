"""The same layer in C, for what is not the board."""

from __future__ import annotations

from zerotap.firmware.c_code import c_source
from zerotap.firmware.operators.board_code.scaled import middle_of, scaled_lines

from .program import Layer


def statements(layer: Layer, *, with_steps: bool, own_weights: bool) -> str:
    """A body that reads input, scales, weights, and writes output; scratch is not used.

    ``with_steps``: the scales have them; otherwise, and with ``own_weights``, the text has its own.
    """
    lines = ["(void)scratch;"]
    if own_weights:
        lines = [*_array("int8_t", "weights", layer.weights), *lines]
    if layer.is_signed and not with_steps:
        lines = [*_array("uint32_t", "steps", [each.step for each in layer.scales]), *lines]
    window = layer.plane.window
    inner = [*_sum(layer), *_scaled(layer, with_steps)]
    body = [
        *_starts(layer),
        *_block(f"int32_t channel = 0; channel < {len(layer.weights)}; channel++", inner),
    ]
    return "\n    ".join([*lines, *_block(f"int32_t at = 0; at < {window.positions}; at++", body)])


def _array(kind: str, name: str, values: object) -> list[str]:
    return c_source.array(kind, name, values).rstrip().split("\n")  # type: ignore[arg-type]


def _block(head: str, lines: list[str]) -> list[str]:
    return [f"for ({head}) {{", *(f"    {line}" for line in lines), "}"]


def _starts(layer: Layer) -> list[str]:
    """Where the window of a position begins: along a line, or over rows and columns."""
    window = layer.plane.window
    if _is_line(layer):
        return [f"const int32_t left = {_product(window.stride[1], 'at')}{_less(window.padding[1])};"]
    row, column = f"(at / {window.target[1]})", f"(at % {window.target[1]})"
    return [
        f"const int32_t top = {_product(window.stride[0], row)}{_less(window.padding[0])};",
        f"const int32_t left = {_product(window.stride[1], column)}{_less(window.padding[1])};",
    ]


def _sum(layer: Layer) -> list[str]:
    window, taps = layer.plane.window, layer.weights.shape[1]
    height, width, channels = window.source
    if _is_line(layer):
        places = [f"const int32_t x = left + {_product(window.dilation[1], 'tap')};"]
        inside, place = f"x >= 0 && x < {width}", "x"
    else:
        row, column = f"(tap / {window.kernel[1]})", f"(tap % {window.kernel[1]})"
        places = [
            f"const int32_t y = top + {_product(window.dilation[0], row)};",
            f"const int32_t x = left + {_product(window.dilation[1], column)};",
        ]
        inside, place = f"y >= 0 && y < {height} && x >= 0 && x < {width}", f"({width} * y + x)"
    channel = "channel" if layer.repeat == 1 else f"channel / {layer.repeat}"
    value = f"{inside} ? input[{channels} * {place} + {channel}] : {layer.fill}"
    once = [*places, f"sum += weights[{taps} * channel + tap] * ({value});"]
    return ["int32_t sum = 0;", *_block(f"int32_t tap = 0; tap < {taps}; tap++", once)]


def _scaled(layer: Layer, with_steps: bool) -> list[str]:
    scale = f"&scales[channel]{'.scale' if with_steps else ''}"
    step = "scales[channel].step" if with_steps else "steps[channel]"
    middle = middle_of(layer.zero_point) if layer.is_signed else None
    output = f"output[{len(layer.weights)} * at + channel]"
    return scaled_lines(scale, layer.scales[0].bits, middle, step, output)


def _is_line(layer: Layer) -> bool:
    window = layer.plane.window
    return window.source[0] == window.target[0] == window.kernel[0] == 1 and window.padding[0] == 0


def _product(factor: int, expression: str) -> str:
    return expression.strip("()") if factor == 1 else f"{factor} * {expression}"


def _less(amount: int) -> str:
    return f" - {amount}" if amount else ""
