"""The report of analysis.py as text: a table of layers, then what the whole takes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

_HEADINGS: Final = ("", "operator, kernel", "shape", "MACs", "weights", "flash", "arena", "cycles")
_LEFT: Final = (1, 2)
# Where long names are divided: first between several, then within one.
_WIDEST_NAME: Final = 17
_WIDEST_SHAPE: Final = 10
_JOINTS: Final = (r"(?<=\+)|(?<=, )", r"(?<=_)")
_SHAPE_JOINTS: Final = (r"(?<=>) |(?<=\+)", r"(?<=x)")


def layer_table(report: dict[str, Any]) -> list[str]:
    """A table of layers, at most 80 columns wide: the kernel below its operator, the output below the inputs.

    Bytes, figures to the right.
    """
    layers = [line for layer in report["layers"] for line in _lines(layer)]
    rows = [_HEADINGS, *layers, _shared(report), _totals(report)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = [_line(row, widths) for row in rows]
    rule = "-" * max(map(len, lines))
    return [lines[0], rule, *lines[1:-2], rule, *lines[-2:]]


def summary(report: dict[str, Any]) -> list[str]:
    """Ends, memory against its limits, time, and which of the figures are exact."""
    facts = [
        *_ends(report, "input"),
        *_ends(report, "output"),
        ("flash", memory_text(report["flash_bytes"], report["flash_limit_bytes"])),
        ("", f"weights {report['weight_bytes']:,} B, {_code(report)} about {report['code_bytes']:,} B"),
        ("RAM", memory_text(report["ram_total_bytes"], report["ram_limit_bytes"])),
        ("", f"arena {report['arena_bytes']:,} B, stack about {report['stack_bytes']:,} B"),
        *_states(report),
        *_code_in_ram(report),
        ("", f"{report['io_bytes']:,} B of the caller's for input and output"),
        *time_text(report),
        *_zeros(report),
        *board_text(report),
        ("kernels", f"chosen for {report['optimise']}"),
        ("exact", "MACs, weights, arena, state" if report["state_bytes"] else "MACs, weights, arena"),
        ("modelled", "flash, stack, cycles (a layer's at zero wait states): gcc -O2;"),
        ("", "`zerotap verify` measures them"),
    ]
    return [f"{name:<8} {text}" for name, text in facts]


def _code(report: dict[str, Any]) -> str:
    return "code, state's first values" if report["state_bytes"] else "code"


def _states(report: dict[str, Any]) -> list[tuple[str, str]]:
    if not report["state_bytes"]:
        return []
    return [("", f"state {report['state_bytes']:,} B, which each inference leaves for the next")]


def _code_in_ram(report: dict[str, Any]) -> list[tuple[str, str]]:
    if not report["code_in_ram"]:
        return []
    return [("", f"code that runs from RAM about {report['code_in_ram_bytes']:,} B, in flash too")]


def _ends(report: dict[str, Any], end: str) -> list[tuple[str, str]]:
    """The one input or output, or each with the name that it has in C."""
    if end in report:
        return [(end, tensor_text(report[end]))]
    return [(end, f"{each['member']}: {tensor_text(each)}") for each in report[f"{end}s"]]


def _zeros(report: dict[str, Any]) -> list[tuple[str, str]]:
    if report["constant_time"]:
        return []
    return [("", "those of inputs without any zero: with zeros it takes less")]


def tensor_text(tensor: dict[str, Any]) -> str:
    """A tensor as "int8 [1, 96, 8], scale 0.00392157, zero point -128"."""
    text = f"{tensor['dtype']} {tensor['shape']}"
    if tensor["scale"] is None:
        return text
    return f"{text}, scale {tensor['scale']:.6g}, zero point {tensor['zero_point']}"


def _lines(layer: dict[str, Any]) -> list[tuple[str, ...]]:
    """A layer in as many lines as its longest cell has."""
    kernel = (
        []
        if layer["kernel"] == "none"
        else [f"  {part}" for part in _parts(layer["kernel"], _WIDEST_NAME - 2)]
    )
    sources = "+".join(_shape(shape) for shape in layer["input_shapes"])
    shape = _parts(f"{sources} > {_shape(layer['output_shape'])}", _WIDEST_SHAPE, _SHAPE_JOINTS)
    columns = (
        [str(layer["index"])],
        [*_parts(layer["operator"], _WIDEST_NAME), *kernel],
        shape,
        [f"{layer['macs']:,}"],
        [f"{layer['weight_bytes']:,}"],
        [f"{layer['flash_bytes']:,}"],
        _arena(layer),
        [f"{layer['cycles']:,}"],
    )
    return list(itertools.zip_longest(*columns, fillvalue=""))


def _parts(name: str, widest: int, joints: Sequence[str] = _JOINTS) -> list[str]:
    """A name in parts of at most ``widest`` characters, if its joints allow."""
    if len(name) <= widest or not joints:
        return [name]
    lines = [""]
    for piece in re.split(joints[0], name):
        if lines[-1] and len(lines[-1]) + len(piece) > widest:
            lines.append("")
        lines[-1] += piece
    return [part for line in lines if line for part in _parts(line, widest, joints[1:])]


def _shared(report: dict[str, Any]) -> tuple[str, ...]:
    """The code that layers share, and NAME_invoke's own."""
    shared = report["flash_bytes"] - sum(layer["flash_bytes"] for layer in report["layers"])
    own = report["cycles"] - sum(layer["cycles"] for layer in report["layers"])
    return ("", "shared code", "", "", "", f"{shared:,}", "", f"{own:,}")


def _totals(report: dict[str, Any]) -> tuple[str, ...]:
    figures = [report[key] for key in ("macs", "weight_bytes", "flash_bytes", "arena_bytes", "cycles")]
    return ("", "total", "", *(f"{figure:,}" for figure in figures))


def _arena(layer: dict[str, Any]) -> list[str]:
    """Bytes and offset of what the layer writes; "=" in place, "out" where that is the caller's."""
    if layer["in_state"] is not None:
        return ["-" if layer["kernel"] == "none" else "state"]
    if layer["arena_offset"] is None:
        return ["-" if layer["kernel"] == "none" else "out"]
    return [f"{'= ' if layer['in_place'] else ''}{layer['output_bytes']:,}", f"at {layer['arena_offset']:,}"]


def _shape(shape: Sequence[int]) -> str:
    """Without the batch and other leading ones: 64x8."""
    text = "x".join(map(str, shape))
    return re.sub(r"^(1x)+", "", text)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.ljust(width) if column in _LEFT else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return f"{cells[0]}  {cells[1]}  {cells[2]}  {' '.join(cells[3:])}".rstrip()


def memory_text(used: int, limit: int) -> str:
    """Bytes of a limit, and in percent."""
    return f"{used:,} of {limit:,} B ({100 * used / limit:.1f} %)"


def board_text(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The board, and what its cycles leave out."""
    note = [("", report["board_note"])] if "board_note" in report else []
    return [("board", report["board"]), *note]


def time_text(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Cycles by both clocks, and milliseconds on the board."""
    megahertz = int(report["clock_hz"] // 1_000_000)
    with_waits = [("", f"{report['board_cycles']:,} cycles with the waits for its flash")]
    return [
        ("time", f"{report['milliseconds']:.3f} ms on the board at {megahertz} MHz"),
        *([] if "board_note" in report else with_waits),
        ("", f"{report['cycles']:,} cycles at zero wait states"),
    ]
