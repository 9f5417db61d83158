"""The files of a model whose layers run while a window arrives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zerotap.firmware.c_code.code_in_ram import can_move, moved, stands_alone
from zerotap.firmware.c_code.runtime_library import runtime_files
from zerotap.firmware.generation.layer_assembly import assembly_files
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.generation.transform_chain import runtime_text
from zerotap.firmware.transforms import Stage

from .item_code import ItemCode
from .layer_code import LayerCode
from .stream_source import StreamSource

if TYPE_CHECKING:
    from zerotap.firmware.planning.streaming.stream_plan import StreamPlan


@dataclass(frozen=True, slots=True)
class StreamCode:
    """``files``, and the ``stage`` that stands for windows and model in a chain."""

    files: dict[str, str]
    stage: Stage


def generate_stream(planned: StreamPlan, name: str) -> StreamCode:
    """Generate NAME_stream.c, and NAME_tail.c with what runs when a window is complete."""
    items, layers = ItemCode(planned), LayerCode(planned, f"{name}_stream")
    source = StreamSource(planned, name, items, layers)
    files = {
        **generate_plan(planned.tail, f"{name}_tail"),
        **_code(planned, layers, f"{name}_stream"),
        **{file: runtime_text(file) for stage in items.stages for file in stage.runtime},
        f"{name}_stream.h": source.header(),
        f"{name}_stream.c": source.source(),
    }
    stage = Stage(
        f'#include "{name}_stream.h"\n',
        f"{name}_stream_push(in, out)",
        f"{name}_stream_reset();",
        (),
        planned.ram_bytes + planned.tail.arena_bytes,
        flush=f"{name}_stream_flush(out)",
    )
    return StreamCode(files, stage)


def _code(planned: StreamPlan, layers: LayerCode, model: str) -> dict[str, str]:
    """What the layers call, in RAM where that is asked for, and what the tail has there."""
    files = {**runtime_files(planned.runtime), **assembly_files(layers.assembly, model)}
    names = {name for name in planned.tail.code_in_ram if f"{name}.S" in files}
    if planned.tail.options.code == "ram":
        names |= {function for function in planned.runtime if can_move(function)}
        own = "\n".join(line for function in layers.assembly for line in function.lines)
        names |= {"layer"} if own and stands_alone(own) else set()
    return moved(files, names, model)
