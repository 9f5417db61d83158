"""The plan of an integer model as a report: what it holds, what it takes of the board, how long it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from zerotap.firmware.planning.analysis_table import board_text, memory_text, time_text
from zerotap.firmware.planning.clock.board_time import rates_of

if TYPE_CHECKING:
    from zerotap.firmware.integer_models import TwinImplementation

    from .integer_plan import IntegerPlan

EXACT: Final = ("weight_bytes", "state_bytes", "io_bytes")
MODELLED: Final = (
    *("flash_bytes", "code_bytes", "stack_bytes", "ram_bytes", "ram_total_bytes"),
    *("cycles", "cycles_min", "cycles_per_id"),
    *("board_cycles", "board_cycles_per_id", "milliseconds"),
)


def analyse_integer(planned: IntegerPlan, oracle: str) -> dict[str, Any]:
    """Give the report: keys as of a .tflite's where they mean the same, without layers.

    ``weight_bytes`` are constants in flash, ``state_bytes`` static RAM. ``cycles`` are the most that an
    inference takes at zero wait states, ``cycles_min`` the least, ``board_cycles`` the most with what the
    board waits for its flash, which ``milliseconds`` are of; of a model that adds ids they are of the scores
    alone, and each id takes ``cycles_per_id`` more. ``kernels``: every way to compute it.
    """
    choice, options = planned.choice, planned.options
    board, limits = options.board, options.limits
    slower = 1 + waits_a_cycle(choice) * board.flash_cache.wait_states
    board_cycles = round(choice.cycles * slower)
    return {
        "file": planned.source,
        "model": planned.model.file_name,
        "takes": planned.takes,
        **planned.twin.describe(planned.model),
        "inputs": planned.inputs,
        "scores": planned.scores,
        "meaning": planned.model.meaning,
        "scale": planned.model.scale,
        "kernel": choice.kernel,
        "weight_bytes": choice.constant_bytes,
        "code_bytes": choice.code_bytes,
        "flash_bytes": choice.flash_bytes,
        "state_bytes": choice.static_bytes,
        "stack_bytes": choice.stack_bytes,
        "ram_bytes": choice.static_bytes + choice.stack_bytes,
        "io_bytes": planned.io_bytes,
        "ram_total_bytes": planned.ram_total_bytes,
        "cycles": choice.cycles,
        "cycles_min": choice.cycles_min,
        **(_per_id(choice, slower) if planned.takes == "ids" else {}),
        "board_cycles": board_cycles,
        "milliseconds": board.milliseconds(board_cycles),
        **board.to_json(),
        "oracle": oracle,
        "optimise": options.optimise,
        "constant_time": choice.constant_time,
        "flash_limit_bytes": limits.flash_bytes,
        "ram_limit_bytes": limits.ram_bytes,
        "exact": list(EXACT),
        "modelled": list(MODELLED),
        "kernels": [_kernel(each) for each in planned.implementations],
    }


def waits_a_cycle(implementation: TwinImplementation) -> float:
    """How often a kernel waits for the flash, a cycle at zero wait states."""
    return rates_of(implementation.kernel).flash


def _per_id(choice: TwinImplementation, slower: float) -> dict[str, int]:
    cycles = choice.cycles_per_id
    return {"cycles_per_id": cycles, "board_cycles_per_id": round(cycles * slower)}


def _kernel(implementation: TwinImplementation) -> dict[str, Any]:
    return {
        "kernel": implementation.kernel,
        "flash_bytes": implementation.flash_bytes,
        "cycles": implementation.cycles,
        "cycles_per_id": implementation.cycles_per_id,
        "constant_time": implementation.constant_time,
    }


def integer_lines(report: Mapping[str, Any]) -> list[str]:
    """The report as text."""
    facts = [
        ("model", f"{report['model']}, {_held(report)}"),
        ("input", "ids, as they come" if report["takes"] == "ids" else f"int32 [{report['inputs']}]"),
        ("output", f"int32 [{report['scores']}], {report['meaning']} in steps of {report['scale']:.6g}"),
        ("kernel", report["kernel"]),
        ("flash", memory_text(report["flash_bytes"], report["flash_limit_bytes"])),
        ("", f"constants {report['weight_bytes']:,} B, code about {report['code_bytes']:,} B"),
        ("RAM", memory_text(report["ram_total_bytes"], report["ram_limit_bytes"])),
        ("", f"static {report['state_bytes']:,} B, stack about {report['stack_bytes']:,} B"),
        ("", f"{report['io_bytes']:,} B of the caller's for input and output"),
        *time_text(report),
        ("", _time_note(report)),
        *board_text(report),
        ("kernels", f"chosen for {report['optimise']}"),
        ("exact", "constants, static RAM"),
        ("modelled", "flash, stack, cycles: gcc -O2;"),
        ("", "`zerotap verify` measures them"),
    ]
    return [f"{name:<8} {text}" for name, text in facts if text]


def _held(report: Mapping[str, Any]) -> str:
    """What the twin says of its model: everything between the common keys."""
    keys = list(report)
    described = keys[keys.index("takes") + 1 : keys.index("inputs")]
    return ", ".join(f"{key.replace('_', ' ')} {_figure(report[key])}" for key in described)


def _figure(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _time_note(report: Mapping[str, Any]) -> str:
    if report["takes"] == "ids":
        return f"for the scores, and {report['cycles_per_id']:,} cycles for each id"
    return "" if report["constant_time"] else f"at most; at least {report['cycles_min']:,} cycles"
