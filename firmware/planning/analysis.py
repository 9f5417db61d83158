"""A plan as a report: what each layer is and costs, what the whole takes of the board."""

from __future__ import annotations

from typing import Any, Final

from zerotap.firmware.graph import Graph, Tensor
from zerotap.firmware.operators import Implementation

from . import cost_model
from .arena import tensor_bytes
from .clock import board_time
from .fitting import held_bytes
from .layer import Layer
from .plan import Plan

# Which figures of a report hold to the byte, and which are the cost model's.
EXACT: Final = (
    *("macs", "weight_bytes", "arena_bytes", "state_bytes", "io_bytes"),
    *("arena_offset", "scratch_bytes"),
)
MODELLED: Final = (
    *("cycles", "board_cycles", "milliseconds", "flash_bytes", "code_bytes"),
    *("stack_bytes", "code_in_ram_bytes", "ram_bytes", "ram_total_bytes"),
)


def analyse(planned: Plan) -> dict[str, Any]:
    """The plan as a report: totals, and for every layer its operator, shapes, kernel, cost and arena offset.

    Bytes; multiply-accumulates and cycles of one inference, at zero wait states; ``board_cycles`` with what
    the board waits for its flash, which milliseconds are of. ``exact`` names the figures that hold to the
    byte, ``modelled`` the estimates for gcc -O2. ``cycles_within`` is the part of a layer's cycles by which
    the model may be wrong, ``board_cycles_within`` that of the whole's on the board.
    ``flash_bytes`` is what the model adds to a program; ``ram_bytes`` arena, states, stack and
    ``code_in_ram_bytes``, of ``code_in_ram``, which runs from there, without the caller's
    arrays for input and output (``io_bytes``); ``ram_total_bytes`` with them. ``state_bytes`` are
    those of what inferences pass on; 0 where each is by itself. ``cycles`` are the same for
    every input if ``constant_time``, else those of the worst one. ``arena_offset`` is None in the caller's
    own arrays and in a state, whose place is ``in_state``.
    ``input`` and ``output`` describe the two ends; where there are several of either, the lists ``inputs``
    and ``outputs`` stand in their place, with the name that each has in C as ``member``.
    """
    graph, options = planned.graph, planned.options
    board, limits = options.board, options.limits
    return {
        "file": graph.source,
        **_ends(graph),
        "macs": planned.macs,
        "weight_bytes": planned.weight_bytes,
        "code_bytes": planned.flash_bytes - planned.weight_bytes,
        "flash_bytes": planned.flash_bytes,
        "arena_bytes": planned.arena_bytes,
        "state_bytes": planned.state_bytes,
        "stack_bytes": planned.stack_bytes,
        "code_in_ram_bytes": planned.code_in_ram_bytes,
        "ram_bytes": planned.ram_bytes,
        "io_bytes": planned.io_bytes,
        "ram_total_bytes": planned.ram_total_bytes,
        "cycles": planned.cycles,
        "board_cycles": planned.board_cycles,
        "board_cycles_within": board_time.WITHIN,
        "milliseconds": board.milliseconds(planned.board_cycles),
        **board.to_json(),
        "oracle": graph.oracle,
        "optimise": options.optimise,
        "skip_zeros": options.skip_zeros,
        "code": options.code,
        "code_in_ram": sorted(planned.code_in_ram),
        "constant_time": planned.constant_time,
        "flash_limit_bytes": limits.flash_bytes,
        "ram_limit_bytes": limits.ram_bytes,
        "exact": list(EXACT),
        "modelled": list(MODELLED),
        "layers": [_layer(planned, layer) for layer in planned.layers],
    }


def _layer(planned: Plan, layer: Layer) -> dict[str, Any]:
    arena, choice = planned.arena, layer.choice
    offset = arena.offsets.get(layer.target.index)
    return {
        "index": layer.index,
        "operator": layer.name,
        "kernel": choice.kernel,
        "name": layer.target.name,
        "input_shape": list(layer.source.shape),
        "input_shapes": [list(source.shape) for source in layer.sources],
        "output_shape": list(layer.target.shape),
        "macs": layer.macs,
        "weight_bytes": layer.weight_bytes,
        "flash_bytes": cost_model.own_bytes(choice),
        "runtime": {part: cost_model.part_bytes(part) for part in sorted(cost_model.code_parts(choice))},
        "input_offsets": [arena.offsets.get(source.index) for source in layer.sources],
        "output_bytes": tensor_bytes(layer.target),
        "arena_offset": offset,
        "in_state": _state_of(planned, layer),
        "in_place": offset is not None and offset in (arena.offsets.get(s.index) for s in layer.sources),
        "scratch_offset": arena.scratch.get(layer.index),
        "scratch_bytes": choice.scratch_bytes,
        "held_bytes": held_bytes(planned, layer),
        "cycles": choice.cycles,
        "cycles_within": cost_model.cycles_within(choice),
        "board_cycles": _board_cycles(planned, layer),
        "milliseconds": planned.options.board.milliseconds(_board_cycles(planned, layer)),
        "kernels": [_option(option) for option in layer.implementations],
    }


def _board_cycles(planned: Plan, layer: Layer) -> int:
    waits = board_time.waits(layer, planned.code_in_ram) * planned.options.board.flash_cache.wait_states
    return layer.choice.cycles + round(waits)


def _state_of(planned: Plan, layer: Layer) -> str | None:
    """The name of the state whose place a layer's output is; None where that is elsewhere."""
    state = planned.arena.states.get(layer.target.index)
    return None if state is None else planned.graph.tensors[state].name


def _option(option: Implementation) -> dict[str, Any]:
    return {
        "kernel": option.kernel,
        "weight_bytes": option.constant_bytes,
        "scratch_bytes": option.scratch_bytes,
        "cycles": option.cycles,
    }


def _ends(graph: Graph) -> dict[str, Any]:
    if not graph.has_several_ends:
        ends = {"input": graph.input, "output": graph.output}
        return {end: _describe(graph.tensors[index]) for end, index in ends.items()}
    sides = zip(("inputs", "outputs"), (graph.inputs, graph.outputs), graph.end_names, strict=True)
    return {
        side: [
            {"member": name} | _describe(graph.tensors[index])
            for index, name in zip(indices, names, strict=True)
        ]
        for side, indices, names in sides
    }


def _describe(tensor: Tensor) -> dict[str, Any]:
    return {
        "name": tensor.name,
        "shape": list(tensor.shape),
        "dtype": tensor.dtype,
        "scale": float(tensor.scale[0]) if tensor.scale.size else None,
        "zero_point": int(tensor.zero_point[0]) if tensor.zero_point.size else None,
    }
