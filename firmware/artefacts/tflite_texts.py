"""What an exported library says of a .tflite's model: how a sketch calls NAME_invoke, in C and in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from zerotap.firmware.generation.ends_code import c_type, end_members, has_score
from zerotap.firmware.graph import Graph, Tensor
from zerotap.firmware.several_ends import fields, input_dtype, output_dtype, output_size

from .interface import Sketch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORD: Final = 4
_TO_INT8: Final = """#include <math.h>

static int8_t quantised(float real, float scale, int zero_point)
{
    const float code = roundf(real / scale) + zero_point;
    return (int8_t)(code < -128 ? -128 : code > 127 ? 127 : code);
}"""


def sketch(graph: Graph, name: str) -> Sketch:
    """How the SelfTest sketch holds, gives and compares what the model takes and gives."""
    elements = "" if graph.has_several_ends else f"[{_whole_words(graph.tensors[graph.input])}]"
    output, call, differs = _call(graph, name)
    return Sketch(
        kind="An int8 model",
        functions=("invoke", *(("reset",) if graph.states else ())),
        literals=(*_sizes(graph), "ARENA_BYTES", *(("STATE_BYTES",) if graph.states else ())),
        output=output,
        call=call,
        differs=differs,
        vector=lambda _: (_type(name, "input", input_dtype(graph)), elements),
        score_type=_type(name, "output", output_dtype(graph)),
        score_elements="" if graph.has_several_ends else f"[{output_size(graph)}]",
        types=_types(graph),
        before=_before(graph, name),
        note=_note(graph, name),
        rows=_rows,
        expected_rows=_rows,
    )


def _whole_words(source: Tensor) -> int:
    """Elements of a vector: int8 codes are filled up to 4 bytes, so that the next vector is aligned too."""
    return -(-source.size // _WORD) * _WORD if source.dtype == "int8" else source.size


def _call(graph: Graph, name: str) -> tuple[str, str, str]:
    """The output's declaration, the call, and the comparison."""
    if not graph.has_several_ends:
        differs = "differ(output, expected[i], sizeof output)"
        return f"output[{name}_OUTPUT_SIZE]", f"{name}_invoke(inputs[i], output);", differs
    compared = (
        f"differ(output.{each}, expected[i].{each}, sizeof output.{each})" for each in graph.end_names[1]
    )
    return "output", f"{name}_invoke(&inputs[i], &output);", f"({' | '.join(compared)})"


def _sizes(graph: Graph) -> tuple[str, ...]:
    if not graph.has_several_ends:
        return ("INPUT_SIZE", "OUTPUT_SIZE")
    sides = zip(("INPUT", "OUTPUT"), graph.end_names, strict=True)
    return tuple(f"{end}_{each}_SIZE" for end, names in sides for each in names)


def _types(graph: Graph) -> tuple[str, ...]:
    score = ("SCORE",) if has_score(graph) else ()
    return (*score, *(("inputs", "outputs") if graph.has_several_ends else ()))


def _type(name: str, end: str, dtype: np.dtype[Any]) -> str:
    """The C type of an element; a structure is one."""
    return f"{dtype}_t" if dtype.names is None else f"{name}_{end}s"


def _before(graph: Graph, name: str) -> str:
    """What begins a stream."""
    if not graph.states:
        return ""
    return f"{name}_reset();  // the vectors are one stream, from its first step on"


def _note(graph: Graph, name: str) -> str:
    return f"They are one stream: {name}_reset(), then one after the other." if graph.states else ""


def _rows(values: NDArray[Any]) -> list[str]:
    arrays = [array.reshape(len(values), -1).tolist() for array in fields(values)]
    rows = [[_braced(each) for each in row] for row in zip(*arrays, strict=True)]
    if values.dtype.names is None:
        return [row[0] for row in rows]
    return [f"{{{', '.join(row)}}}" for row in rows]


def _braced(values: list[int]) -> str:
    return f"{{{', '.join(map(str, values))}}}"


def calling(graph: Graph, name: str) -> Iterator[str]:
    """Say how a sketch calls NAME_invoke: its arrays, the call, and how real values become codes."""
    if graph.states:
        yield (
            "The model goes on from call to call: its windows are one stream. "
            f"`{name}_reset()` begins a new one."
        )
    yield f"```c\n#include <{name}.h>\n\n{_calls(graph, name)}\n```"
    rows = "\n".join(_row(name, *end) for end in end_members(graph))
    yield f"| array | shape | type | holds |\n| --- | --- | --- | --- |\n{rows}"
    yield (
        "Rows lie one after the other, the last axis fastest, as in NumPy. It is not reentrant: call it from "
        f"the main loop or from one interrupt, never from both. `{name}.h` says what else there is to know."
    )
    yield from _converting(graph, name)


def _calls(graph: Graph, name: str) -> str:
    if graph.has_several_ends:
        return (
            f"static {name}_inputs inputs;\nstatic {name}_outputs outputs;\n\n"
            f"{name}_invoke(&inputs, &outputs);"
        )
    source = graph.tensors[graph.input]
    return (
        f"static {c_type(source)} input[{name}_INPUT_SIZE];\n"
        f"static {name}_SCORE output[{name}_OUTPUT_SIZE];\n\n{name}_invoke(input, output);"
    )


def pushing(name: str) -> list[str]:
    """Say how packets go to NAME_push, and how a recording ends."""
    return [
        f"Give each packet, in order, to `{name}_push`, which cuts the windows as in training:",
        f"```c\n#include <{name}.h>\n\nstatic {name}_SCORE output[{name}_OUTPUT_SIZE];\n\n"
        f"if ({name}_push(packet, output)) {{ /* a window is complete, and output is new */ }}\n```",
        f"At a recording's end `{name}_flush(output)` gives what is left, until it gives 0; `{name}_reset()` "
        "begins anew after a gap. Or cut the windows yourself:",
    ]


def _row(name: str, macro: str, member: str, tensor: Tensor) -> str:
    shape = " x ".join(map(str, tensor.shape[1:] or tensor.shape))
    return f"| `{_in_sketch(member)}` | {shape} | {tensor.dtype} | {_meaning(name, macro, tensor)} |"


def _in_sketch(member: str) -> str:
    """The sketch has the structures themselves."""
    return member.replace("->", ".")


def _meaning(name: str, macro: str, tensor: Tensor) -> str:
    if not tensor.scale.size:
        return "ids, or indices, as they are"
    return f"real = `{name}_{macro}_SCALE` * (code - `{name}_{macro}_ZERO_POINT`)"


def _converting(graph: Graph, name: str) -> Iterator[str]:
    """How real values become codes; for the first quantised input."""
    quantised = [
        (macro, member)
        for macro, member, tensor in end_members(graph)
        if macro.startswith("INPUT") and tensor.scale.size
    ]
    if not quantised:
        return
    macro, member = quantised[0]
    yield (
        "From real values, in the scale that the model was trained in, such codes are made so (or, for raw "
        "bytes that it was trained on as byte / 255, by `byte - 128`):"
    )
    yield f"```c\n{_TO_INT8}\n```"
    call = f"quantised(value, {name}_{macro}_SCALE, {name}_{macro}_ZERO_POINT)"
    yield f"```c\n{_in_sketch(member)}[i] = {call};\n```"
