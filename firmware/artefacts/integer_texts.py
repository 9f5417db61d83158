"""What an exported library says of an integer model: how a sketch calls it, in C and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from zerotap.firmware.generation.integer_code import FUNCTIONS

from .interface import Sketch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.firmware.planning.integers.integer_plan import IntegerPlan

_KIND = "A model in integers"


def sketch(planned: IntegerPlan, name: str) -> Sketch:
    """How the SelfTest sketch calls the model."""
    is_of_ids = planned.takes == "ids"
    text = f"inputs[i].ids, inputs[i].count);\n        {name}_scores(output);"
    return Sketch(
        kind=_KIND,
        functions=FUNCTIONS[planned.takes],
        literals=("BUCKETS" if is_of_ids else "INPUT_SIZE", "OUTPUT_SIZE", "FLASH_BYTES"),
        output=f"output[{name}_OUTPUT_SIZE]",
        call=f"{name}_clear();\n        {name}_add({text}"
        if is_of_ids
        else f"{name}_invoke(inputs[i], output);",
        differs="differ(output, expected[i], sizeof output)",
        types=("SCORE",),
        rows=_texts if is_of_ids else _rows,
        expected_rows=_rows,
        vector=_text_type if is_of_ids else _row_type,
        score_type=f"{name}_SCORE",
        score_elements=f"[{planned.scores}]",
    )


def calling(planned: IntegerPlan, name: str, has_thresholds: bool) -> list[str]:
    """Say how a sketch calls it, and what the scores are."""
    call = _CALL_IDS if planned.takes == "ids" else _CALL_FEATURES
    takes = (
        f"Ids are 1 to `{name}_BUCKETS`, as the model's pipeline gives them. `{name}_clear` begins a text, "
        f"and `{name}_add` may be called as often as ids come: none is kept."
        if planned.takes == "ids"
        else f"Input are the {planned.inputs} features that the model's pipeline gives, in their order."
    )
    verdict = "" if has_thresholds else "the largest is the class, and "
    return [
        f"```c\n#include <{name}.h>\n\n{call.format(name=name)}\n```",
        f"{takes} It is not reentrant: call it from the main loop or from one interrupt, never from both.",
        f"Scores are {planned.model.meaning}: {verdict}a score times {planned.model.scale:.6g} is its real "
        "value.",
    ]


def pushing(planned: IntegerPlan, name: str) -> list[str]:
    """Say how packets go to NAME_push."""
    if planned.takes == "ids":
        return [
            f"Give each packet, in order, to `{name}_push`, and at the text's end ask for its scores:",
            f"```c\n#include <{name}.h>\n\nstatic {name}_SCORE output[{name}_OUTPUT_SIZE];\n\n"
            f"{name}_push(packet, output);\n\n"
            f"if ({name}_flush(output)) {{ /* the text is over, and output is its scores */ }}\n"
            f"{name}_reset();\n```",
            f"`{name}_reset()` begins the next text. Or give the ids yourself:",
        ]
    return [
        f"Give each packet, in order, to `{name}_push`, which computes the features as in training:",
        f"```c\n#include <{name}.h>\n\nstatic {name}_SCORE output[{name}_OUTPUT_SIZE];\n\n"
        f"if ({name}_push(packet, output)) {{ /* a window is complete, and output is new */ }}\n```",
        f"`{name}_reset()` begins anew after a gap. Or give the features yourself:",
    ]


_CALL_FEATURES = """static int32_t input[{name}_INPUT_SIZE];
static {name}_SCORE output[{name}_OUTPUT_SIZE];

{name}_invoke(input, output);"""

_CALL_IDS = """static const int32_t ids[2] = {{1, 2}};
static {name}_SCORE output[{name}_OUTPUT_SIZE];

{name}_clear();
{name}_add(ids, 2);
{name}_scores(output);"""


def _rows(values: NDArray[Any]) -> list[str]:
    return [_braced(row) for row in values.tolist()]


def _texts(texts: NDArray[Any]) -> list[str]:
    """Each text as its count and its ids, 0 behind them."""
    longest = _longest(texts)
    kept = [text[text != 0] for text in texts]
    return [f"{{{len(ids)}, {_braced([*ids.tolist(), *[0] * (longest - len(ids))])}}}" for ids in kept]


def _text_type(texts: NDArray[Any]) -> tuple[str, str]:
    return f"struct {{ int32_t count; int32_t ids[{_longest(texts)}]; }}", ""


def _row_type(rows: NDArray[Any]) -> tuple[str, str]:
    return "int32_t", f"[{rows.shape[1]}]"


def _longest(texts: NDArray[Any]) -> int:
    return max(1, int((np.asarray(texts) != 0).sum(axis=1).max()))


def _braced(values: list[int]) -> str:
    return f"{{{', '.join(map(str, values))}}}"
