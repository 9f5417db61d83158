"""What SelfTest is made of: inputs, items for NAME_push, the oracle's answers, and the C to compare them."""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Pipeline
    from zerotap.firmware.artefacts import Artefact, ModelOracle, Sketch
    from zerotap.firmware.several_ends import Samples

VECTORS: Final = 4
SEED: Final = 0
_ITEMS_BYTES: Final = 4096
_MOST_ITEMS_BYTES: Final = 1 << 15
_RESULTS: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """What SelfTest holds of recordings, where whose they are agrees: it is there to be read.

    ``windows``: samples as verify() takes them, (n, ...); ``items``: what goes into the pipeline's first
    stage, of one recording without gaps, or None; ``source``: the dataset's name, for a comment.
    """

    windows: Samples
    items: NDArray[Any] | None
    source: str


def self_test_words(
    artefact: Artefact, name: str, pipeline: Pipeline | None, oracle: ModelOracle, recorded: Recorded | None
) -> dict[str, str]:
    """The words of SelfTest's templates."""
    sketch = artefact.sketch(name)
    inputs = _inputs(artefact, recorded)
    expected = oracle.invoke(inputs)
    items = None if pipeline is None else _items(artefact, pipeline, recorded)
    results = (
        np.empty(0) if items is None or pipeline is None else _results(artefact, pipeline, oracle, items)
    )
    answers = expected.tobytes() + (results.tobytes() if len(results) else b"")
    return {
        **_calls(sketch),
        **_texts(sketch, inputs, expected),
        **_push_words(name, items if len(results) else None, results),
        "about": f"random inputs (seed {SEED})" if recorded is None else _about(recorded),
        "oracle": oracle.name,
        "crc": f"{binascii.crc_hqx(answers, 0xFFFF):04X}",
    }


def _about(recorded: Recorded) -> str:
    from zerotap.firmware.c_code.c_source import comment_text

    return f"windows of the recordings of {comment_text(recorded.source)}"


def _inputs(artefact: Artefact, recorded: Recorded | None) -> NDArray[Any]:
    if recorded is None:
        return artefact.vectors(VECTORS, SEED)
    windows = artefact.inputs(recorded.windows)
    places = np.linspace(0, len(windows) - 1, min(VECTORS, len(windows))).astype(int)
    chosen: NDArray[Any] = windows[places]
    return chosen


def _items(artefact: Artefact, pipeline: Pipeline, recorded: Recorded | None) -> NDArray[Any]:
    """As few as give some results, and no more than a sketch may hold."""
    given = pipeline.draw(1) if recorded is None or recorded.items is None else recorded.items[:1]
    count, each = 4, max(1, given[0].nbytes)
    while True:
        items = pipeline.draw(count) if recorded is None or recorded.items is None else recorded.items[:count]
        results = len(artefact.rows(pipeline.apply(items)))
        most = _ITEMS_BYTES if results else _MOST_ITEMS_BYTES
        if results >= _RESULTS or 2 * count * each > most or len(items) < count:
            return items
        count *= 2


def _results(
    artefact: Artefact, pipeline: Pipeline, oracle: ModelOracle, items: NDArray[Any]
) -> NDArray[Any]:
    rows = artefact.rows(pipeline.apply(items))
    return oracle.invoke(rows) if len(rows) else np.empty(0)


def _calls(sketch: Sketch) -> dict[str, str]:
    return {
        "output": sketch.output,
        "call": sketch.call,
        "differs": sketch.differs,
        "reset": f"    {sketch.before}\n" if sketch.before else "",
        "stream": f"// {sketch.note}\n" if sketch.note else "",
    }


def _texts(sketch: Sketch, inputs: NDArray[Any], expected: NDArray[Any]) -> dict[str, str]:
    input_type, input_elements = sketch.vector(inputs)
    return {
        "vectors": str(len(inputs)),
        "input_type": input_type,
        "input_elements": input_elements,
        "output_type": sketch.score_type,
        "output_elements": sketch.score_elements,
        "inputs": _lines(sketch.rows(inputs)),
        "expected": _lines(sketch.expected_rows(expected)),
    }


def _push_words(name: str, items: NDArray[Any] | None, results: NDArray[Any]) -> Mapping[str, str]:
    """What SelfTest has for NAME_push; nothing where there is none, or no result within bounds."""
    if items is None:
        return {"items": "", "push_path": "", "push_call": ""}
    declared = _ITEMS.format(
        name=name,
        items=len(items),
        type=items.dtype,
        given=_lines(_rows(items)),
        results=len(results),
        expected=_lines(_rows(results)),
    )
    return {"items": declared, "push_path": _PUSH_PATH.replace("NAME", name), "push_call": _PUSH_CALL}


def _rows(values: NDArray[Any]) -> list[str]:
    rows = values.reshape(len(values), -1).tolist()
    return [f"{{{', '.join(map(str, row))}}}" for row in rows]


def _lines(rows: list[str]) -> str:
    return "\n".join(f"    {row}," for row in rows)


_ITEMS: Final = """
// Items for {name}_push, one recording, and the results that they give, in their order.
#define ITEMS {items}
#define RESULTS {results}

__attribute__((aligned(4))) static const {type}_t items[ITEMS][{name}_PACKET_SIZE] = {{
{given}
}};

static const {name}_SCORE results[RESULTS][{name}_OUTPUT_SIZE] = {{
{expected}
}};
"""

_PUSH_PATH: Final = """
static int32_t given_results;
static NAME_SCORE scores[NAME_OUTPUT_SIZE];

// Whether a result is the wrong one, or one too many.
static int32_t is_wrong()
{
    const int32_t at = given_results++;
    add_to_crc(scores, sizeof scores);
    return at >= RESULTS || differ(scores, results[at], sizeof scores);
}

// Items one by one, as they come in use.
static Tried try_items()
{
    Tried tried = {};
    given_results = 0;
    NAME_reset();
    for (int i = 0; i < ITEMS; i++) {
        uint32_t start_us = port_now_us();
        uint32_t elapsed_us = 0;
        for (int32_t given = NAME_push(items[i], scores); given; given = NAME_more(scores)) {
            elapsed_us += port_now_us() - start_us;
            tried.wrong += is_wrong();
            start_us = port_now_us();
        }
        add_time(tried, elapsed_us + (port_now_us() - start_us));
    }
    while (NAME_flush(scores)) {
        tried.wrong += is_wrong();
    }
    tried.wrong += given_results < RESULTS ? RESULTS - given_results : 0;
    return tried;
}

static void report_items(const Tried &items_tried)
{
    Line line = {};
    add(line, "items: ");
    add_counts(line, items_tried.wrong, RESULTS, " results differ, ");
    add_times(line, items_tried);
    add(line, " us an item");
    send(line);
}
"""
_PUSH_CALL: Final = """    const Tried tried = try_items();
    wrong += tried.wrong;
    report_items(tried);
"""
