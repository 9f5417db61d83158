"""A model behind its pipeline's stages as C99: NAME_push() takes one packet, NAME_invoke() runs by itself.

Of a sensor, whether its recordings hold samples, binary frames or lines of numbers, it is one sample of every
channel: int16 counts, or int32 in units of a power of ten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.errors import ModelError
from zerotap.features import ITEM_BYTES
from zerotap.features.transforms import Signal

from .model_code import generate
from .streaming import generate_stream
from .transform_chain import Chain, chain_of, emitted, generate_chain

if TYPE_CHECKING:
    from zerotap.features import Pipeline
    from zerotap.firmware.graph import Graph, Tensor
    from zerotap.firmware.planning.streaming.stream_plan import StreamPlan

_BYTE_SCALE: Final = np.float32(1 / 255)
_BY_WINDOWS: Final = (
    "1 where it completed a window: output then holds the\n * model's.",
    "The window, the stages' state and the model's arena",
    "Further windows of the same packet: after a push that gave 1, call it until it gives 0.",
    "The window that a recording's end leaves: call it until it gives 0.",
)
_AT_END: Final = (
    "gives 0: the scores come from NAME_flush.",
    "The stages' state and the model's sums",
    "As NAME_push, gives 0: a push takes all that a packet gives.",
    "The scores of all since NAME_reset: gives 1, and then 0 until there is more.",
)
_STEP: Final = """/* The same in steps, none longer than a push: gives -1 where the next call goes on, after
 * a pause or at once. A push or a reset in between drops what is left. */
int32_t NAME_flush_step(NAME_SCORE *output);
"""


def generate_streaming(
    graph: Graph,
    pipeline: Pipeline,
    name: str,
    sources: Mapping[str, str] | None = None,
    streamed: StreamPlan | None = None,
) -> Chain:
    """Generate the model, the stages (NAME_stages.c) and what joins them (NAME_push.c).

    ``sources``: the model's own, by default those of generate(). ``streamed``: the plan by which layers run
    while a window arrives (NAME_stream.c); None computes each window whole when it is complete.
    Raises FeatureError for a stage that the board cannot run, by name, and ModelError where the stages do not
    give what the model takes.
    """
    stages = generate_chain(f"{name}_stages", pipeline.stages, pipeline.signals[0])
    check_door(stages.target, graph.tensors[graph.input], graph.source)
    output = graph.tensors[graph.output]
    if output.dtype != "int8":
        raise ModelError(f"{graph.source} gives {output.dtype}: end it before ARG_MAX to have a pipeline")
    target = Signal((output.size,), "int8")
    if streamed is not None:
        return _streamed(graph, pipeline, name, sources, streamed, target)
    conversion = _as_codes(stages.target)
    files = {
        **(generate(graph, name) if sources is None else sources),
        **stages.files,
        f"{name}_push.h": push_header(name, stages.source, units_of(pipeline)),
        f"{name}_push.c": join_windows(name, stages, conversion),
    }
    ram_bytes = stages.ram_bytes + stages.target.nbytes
    return Chain(files, stages.source, target, ram_bytes, f"{name}_push.h")


def _streamed(
    graph: Graph,
    pipeline: Pipeline,
    name: str,
    sources: Mapping[str, str] | None,
    streamed: StreamPlan,
    target: Signal,
) -> Chain:
    """The stages before the windows, and as their last stage the windows with the model."""
    before, signals = emitted(f"{name}_stages", streamed.stages.before, pipeline.signals[0])
    code = generate_stream(streamed, name)
    chain = chain_of(f"{name}_stages", [*before, code.stage], [*signals, target], in_steps=True)
    files = {
        **(generate(graph, name) if sources is None else sources),
        **code.files,
        **chain.files,
        f"{name}_push.h": push_header(name, chain.source, units_of(pipeline), in_steps=True),
        f"{name}_push.c": _join_stream(name, chain),
    }
    return Chain(files, chain.source, target, chain.ram_bytes, f"{name}_push.h", in_steps=True)


def check_door(given: Signal, taken: Tensor, model: str) -> None:
    """Raise ModelError unless a model takes the results as they are: bytes, int8 or ids, as many."""
    wanted = "int32" if given.dtype == "int32" else "int8"
    if given.dtype == "int16" or taken.dtype != wanted or taken.size != given.size:
        raise ModelError(
            f"{model} takes {taken.size} {taken.dtype}, its pipeline gives {given.size} {given.dtype}: "
            "train it again with the pipeline that it is to have"
        )
    as_bytes = taken.dtype == "int8" and (
        abs(float(taken.scale[0]) - _BYTE_SCALE) < 1e-9 and int(taken.zero_point[0]) == -128
    )
    if wanted == "int8" and not as_bytes:
        raise ModelError(
            f"{model} was not calibrated on its pipeline's windows: use `zerotap quantise` again"
        )


def units_of(pipeline: Pipeline) -> str:
    """What an element of a sample of numbers counts, as a comment in C; nothing for other items."""
    if not pipeline.is_of_numbers:
        return ""
    channels = pipeline.report_bytes // ITEM_BYTES
    each = pipeline.decimals * (channels if len(pipeline.decimals) == 1 else 1)
    powers = [f"10^{decimals}" for decimals in each]
    same = len(set(powers)) == 1
    times = (
        f"{powers[0]} of each"
        if same
        else "".join(f"\n *   channel {number}: {power}" for number, power in enumerate(powers))
    )
    first = " The time in ms comes first." if pipeline.input.is_timed else ""
    return (
        f"/* A sample has the recordings' {channels} channels in their order, each an integer: the value\n"
        f" * times {times} (times 10^2, 0.98 is 98).{first} */\n"
    )


def push_header(
    name: str, source: Signal, units: str = "", *, at_end: bool = False, in_steps: bool = False
) -> str:
    """NAME_push.h; ``units`` is what ``units_of`` says, ``at_end`` that a recording gives one result.

    ``in_steps``: there is NAME_flush_step.
    """
    item = "packet" if source.dtype == "uint8" else "sample"
    notes = (note.replace("NAME", name) for note in (_AT_END if at_end else _BY_WINDOWS))
    gives, is_static, more, left = notes
    step = _STEP.replace("NAME", name) if in_steps else ""
    return f"""/* Generated by zerotap: the model with what comes before it. */
#ifndef {name.upper()}_PUSH_H
#define {name.upper()}_PUSH_H

#include "{name}.h"

#ifdef __cplusplus
extern "C" {{
#endif

/* {is_static} are static: there is one stream. None of these
 * functions is reentrant: call them from the main loop or from one interrupt handler, never from both. */

/* Elements of what {name}_push takes. */
#define {name}_PACKET_SIZE {source.size}

{units}/* Takes one {item}, aligned to its elements; {gives} */
int32_t {name}_push(const {source.dtype}_t *in, {name}_SCORE *output);
/* {more} */
int32_t {name}_more({name}_SCORE *output);
/* {left} */
int32_t {name}_flush({name}_SCORE *output);
{step}/* Begins anew, after a gap or when a device was plugged in again. */
void {name}_reset(void);

#ifdef __cplusplus
}}
#endif

#endif
"""


@dataclass(frozen=True, slots=True)
class Conversion:
    """How a stage's result becomes a model's input: C ``statements``, and the ``pointer`` to what they made.

    ``definitions``: arrays beside the window, of ``ram_bytes``.
    """

    pointer: str
    statements: str = ""
    definitions: str = ""
    ram_bytes: int = 0


def _as_codes(window: Signal) -> Conversion:
    """The model's q is byte - 128: the same bits with the first one turned."""
    if window.dtype != "uint8":
        return Conversion("window")
    turned = f"    for (int32_t i = 0; i < {window.size}; i++) {{\n        window[i] ^= 0x80;\n    }}\n"
    return Conversion("(const int8_t *)window", turned)


def join_windows(name: str, stages: Chain, conversion: Conversion) -> str:
    """NAME_push.c of a model that takes one result of the stages at a time."""
    window, takes = stages.target, f"const {stages.source.dtype}_t *in"
    return f"""/* Generated by zerotap. */
#include "{name}_push.h"
#include "{name}_stages.h"

__attribute__((aligned(4))) static {window.dtype}_t window[{window.size}];
{conversion.definitions}
static int32_t classify(int32_t is_complete, {name}_SCORE *output)
{{
    if (!is_complete) {{
        return 0;
    }}
{conversion.statements}    {name}_invoke({conversion.pointer}, output);
    return 1;
}}

int32_t {name}_push({takes}, {name}_SCORE *output)
{{
    return classify({name}_stages_push(in, window), output);
}}

int32_t {name}_more({name}_SCORE *output)
{{
    return classify({name}_stages_more(window), output);
}}

int32_t {name}_flush({name}_SCORE *output)
{{
    return classify({name}_stages_flush(window), output);
}}

void {name}_reset(void)
{{
    {name}_stages_reset();
}}
"""


def _join_stream(name: str, stages: Chain) -> str:
    """NAME_push.c of a model whose layers are the stages' last."""
    return f"""/* Generated by zerotap: {name}_stream.c has the windows and what runs while they arrive. */
#include "{name}_push.h"
#include "{name}_stages.h"

int32_t {name}_push(const {stages.source.dtype}_t *in, {name}_SCORE *output)
{{
    return {name}_stages_push(in, output);
}}

int32_t {name}_more({name}_SCORE *output)
{{
    return {name}_stages_more(output);
}}

int32_t {name}_flush_step({name}_SCORE *output)
{{
    return {name}_stages_flush(output);
}}

int32_t {name}_flush({name}_SCORE *output)
{{
    int32_t given;
    do {{
        given = {name}_flush_step(output);
    }} while (given < 0);
    return given;
}}

void {name}_reset(void)
{{
    {name}_stages_reset();
}}
"""


def empty_streaming(name: str, like: Chain) -> Chain:
    """The same doors with nothing behind: two programs' sizes then differ by what ``like`` adds."""
    score = f"{name}_SCORE *output"
    functions = "".join(
        f"int32_t {name}_{call}({source}{score})\n{{\n{unused}    (void)output;\n    return 0;\n}}\n\n"
        for call, source, unused in (
            ("push", f"const {like.source.dtype}_t *in, ", "    (void)in;\n"),
            ("more", "", ""),
            ("flush", "", ""),
        )
    )
    files: Mapping[str, str] = {
        f"{name}.h": f"#include <stdint.h>\n\ntypedef {like.target.dtype}_t {name}_SCORE;\n",
        f"{name}_push.h": push_header(name, like.source),
        f"{name}_push.c": f'#include "{name}_push.h"\n\n{functions}void {name}_reset(void)\n{{\n}}\n',
    }
    return Chain(dict(files), like.source, like.target, 0, f"{name}_push.h")
