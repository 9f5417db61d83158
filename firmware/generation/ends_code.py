"""The ends of a model in C: what NAME_invoke takes and gives, and the macros of their sizes and scales.

With one input and one output they are two pointers; with several of either, two structures of arrays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from zerotap.firmware.graph import Graph, Tensor
from zerotap.firmware.planning.plan import Plan

_END_NOTES: Final = {
    "uint8": "q - 128 of its code q",
    "float32": "its value quantised",
    "int64": "the same indices",
}


def c_type(tensor: Tensor) -> str:
    """The C type of an element."""
    return f"{tensor.dtype}_t"


def has_score(graph: Graph) -> bool:
    """Whether the header has NAME_SCORE: of several outputs each has a type of its own."""
    return not graph.has_several_ends


def size_macros(graph: Graph, name: str) -> str:
    """The type of an output's elements, where there is one output, and the elements of each end."""
    ends = "".join(f"#define {name}_{macro}_SIZE {tensor.size}\n" for macro, tensor in _macros(graph))
    return f"{_score_type(graph, name)}/* Elements, not bytes. */\n{ends}"


def _score_type(graph: Graph, name: str) -> str:
    if not has_score(graph):
        return ""
    return f"typedef {c_type(graph.tensors[graph.output])} {name}_SCORE;\n"


def quantisation_macros(graph: Graph, name: str) -> str:
    """Scale and zero point of each end that has them."""
    quantised = ((macro, tensor) for macro, tensor in _macros(graph) if tensor.scale.size)
    return "".join(_end_macros(name, macro, tensor) for macro, tensor in quantised)


def structures(graph: Graph, name: str) -> str:
    """The types of the two arguments, where there are several ends."""
    if not graph.has_several_ends:
        return ""
    return f"""/* Every member is aligned to 4 bytes, as kernels are fastest with. */
#ifdef __GNUC__
#define {name}_ALIGNED __attribute__((aligned(4)))
#else
#define {name}_ALIGNED
#endif

{_structure(graph, name, "INPUT")}
{_structure(graph, name, "OUTPUT")}
"""


def invoke_note(graph: Graph) -> str:
    """What the arguments are, in the comment before the declaration."""
    source, target = graph.tensors[graph.input], graph.tensors[graph.output]
    if not graph.has_several_ends:
        return (
            f"input {source.shape}, output {target.shape}."
            f"\n * The two must not overlap. {_alignment_note(source)}"
        )
    lines = (f"\n *   {member} {tensor.shape}" for _, member, tensor in end_members(graph))
    return f"all inputs, then all outputs.{''.join(lines)}\n * The two must not overlap."


def file_notes(graph: Graph) -> str:
    """What lies between the file's own inputs and outputs and those of NAME_invoke."""
    if graph.file_dtypes is None:
        return ""
    ends = zip(graph.file_dtypes, end_members(graph), strict=True)
    return "".join(
        f"\n * The model's own {member} is {dtype}; here it is {tensor.dtype}, {_END_NOTES[dtype]}."
        for dtype, (_, member, tensor) in ends
        if dtype != tensor.dtype
    )


def invoke_declaration(graph: Graph, name: str) -> str:
    """NAME_invoke with its parameters."""
    if graph.has_several_ends:
        return f"{name}_invoke(const {name}_inputs *inputs, {name}_outputs *outputs)"
    return f"{name}_invoke(const {c_type(graph.tensors[graph.input])} *input, {name}_SCORE *output)"


def end_pointer(graph: Graph, index: int) -> str:
    """The caller's array for an input or an output, in NAME_invoke."""
    sides = zip(("input", "output"), (graph.inputs, graph.outputs), graph.end_names, strict=True)
    for argument, indices, names in sides:
        if index in indices:
            return f"{argument}s->{names[indices.index(index)]}" if graph.has_several_ends else argument
    raise KeyError(index)


def copies(planned: Plan, name: str) -> str:
    """Outputs that lie in another array: an input's, or that of an output of the same bytes."""
    graph = planned.graph
    text = ""
    for index, (macro, _) in zip(graph.outputs, _output_macros(graph), strict=True):
        held = planned.arena.ends[index]
        if held != index:
            target, source = end_pointer(graph, index), end_pointer(graph, held)
            text += (
                f"    for (int32_t i = 0; i < {name}_{macro}_SIZE; i++) {{\n"
                f"        {target}[i] = {source}[i];\n    }}\n"
            )
    return text


def unread(graph: Graph, body: str) -> str:
    """What tells a compiler that an input is not read: only states may be what the output is of."""
    argument = "inputs" if graph.has_several_ends else "input"
    return "" if re.search(rf"\b{argument}\b", body) else f"    (void){argument};\n"


def _structure(graph: Graph, name: str, end: str) -> str:
    members = [each for each in end_members(graph) if each[0].startswith(f"{end}_")]
    lines = "".join(
        f"    {c_type(tensor)} {member.split('->')[1]}[{name}_{macro}_SIZE] {name}_ALIGNED;\n"
        for macro, member, tensor in members
    )
    return f"typedef struct {{\n{lines}}} {name}_{end.lower()}s;\n"


def _macros(graph: Graph) -> Iterator[tuple[str, Tensor]]:
    return ((macro, tensor) for macro, _, tensor in end_members(graph))


def _output_macros(graph: Graph) -> Sequence[tuple[str, Tensor]]:
    return list(_macros(graph))[len(graph.inputs) :]


def end_members(graph: Graph) -> Iterator[tuple[str, str, Tensor]]:
    """Yield (the part of the macros' names, the name in C, tensor) of each end."""
    sides = zip(("input", "output"), (graph.inputs, graph.outputs), graph.end_names, strict=True)
    for argument, indices, names in sides:
        for place, index in enumerate(indices):
            tensor = graph.tensors[index]
            if graph.has_several_ends:
                yield f"{argument.upper()}_{names[place]}", f"{argument}s->{names[place]}", tensor
            else:
                yield argument.upper(), argument, tensor


def _end_macros(name: str, end: str, tensor: Tensor) -> str:
    return f"""/* real = {name}_{end}_SCALE * (q - {name}_{end}_ZERO_POINT);
 * q = {name}_{end}_ZERO_POINT + real / {name}_{end}_SCALE, rounded, within -128 to 127. */
#define {name}_{end}_SCALE {float(tensor.scale[0])!r}
#define {name}_{end}_ZERO_POINT ({int(tensor.zero_point[0])})
"""


def _alignment_note(source: Tensor) -> str:
    if source.dtype == "int8":
        return (
            "Any alignment will do; an input aligned to 4 bytes"
            "\n * takes the time that zerotap states, another may take longer."
        )
    return f"The input is aligned as {c_type(source)} is."
