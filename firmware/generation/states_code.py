"""States in C: a static array that NAME_invoke carries on, and NAME_reset, which sets it anew."""

from __future__ import annotations

import itertools

from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Graph
from zerotap.firmware.planning.states import state_memory


def size_macro(graph: Graph, name: str) -> str:
    """The bytes of all states."""
    if not graph.states:
        return ""
    size = state_memory(graph).initial.size
    return (
        f"/* RAM of the state that one inference leaves for the next, another static array. */\n"
        f"#define {name}_STATE_BYTES {size}\n"
    )


def invoke_note(graph: Graph, name: str) -> str:
    """What NAME_invoke keeps, in the comment before its declaration."""
    if not graph.states:
        return ""
    return (
        "\n * It carries a state on: inferences are steps of one stream, and each answer depends on all steps"
        f"\n * since the program's start or {name}_reset."
    )


def declaration(graph: Graph, name: str) -> str:
    """The declaration of NAME_reset."""
    if not graph.states:
        return ""
    return (
        "\n/* Begins a new stream: sets the state as it is when the program starts. */\n"
        f"void {name}_reset(void);\n"
    )


def definition(graph: Graph, name: str) -> str:
    """The array, with what it holds before the first inference."""
    if not graph.states:
        return ""
    initial = state_memory(graph).initial
    values = f" = {{\n{c_source.wrapped(initial.tolist())}\n}}" if initial.any() else ""
    return f"static ZEROTAP_ALIGNED int8_t states[{name}_STATE_BYTES]{values};\n"


def place(graph: Graph, state: int) -> str:
    """Where a state's elements are, by its tensor."""
    return f"&states[{state_memory(graph).offsets[state]}]"


def reset(graph: Graph, name: str) -> str:
    """NAME_reset."""
    if not graph.states:
        return ""
    memory = state_memory(graph)
    if not memory.stretches:
        constants = c_source.array("int8_t", "initial_states", memory.initial)
        return f"\n{constants}{_function(name, [(0, memory.initial.size, 'initial_states[i]')])}"
    ends = itertools.accumulate(size for _, size in memory.stretches)
    pairs = zip(ends, memory.stretches, strict=True)
    loops = [(end - size, end, str(value)) for end, (value, size) in pairs]
    return f"\n{_function(name, loops)}"


def _function(name: str, loops: list[tuple[int, int, str]]) -> str:
    body = "".join(
        f"    for (int32_t i = {first}; i < {end}; i++) {{\n        states[i] = {value};\n    }}\n"
        for first, end, value in loops
    )
    return f"void {name}_reset(void)\n{{\n{body}}}\n"
