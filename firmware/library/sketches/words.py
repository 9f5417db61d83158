"""What stands in the templates of the sketches for a model: its name, its types, how it is called."""

from __future__ import annotations

from typing import Final

from .facts import Sketched

_TIMED_ELEMENTS: Final = {"int16": 2, "int32": 1}


def words_of(facts: Sketched) -> dict[str, str]:
    """Every word of every template that the model's sketches are made of."""
    name = facts.name
    return {
        "name": name,
        "serial_pin": facts.board.serial_pin,
        "flush": "flush_step" if facts.in_steps else "flush",
        "percent": f"{name}_percent" if facts.has_percent else "nullptr",
        "thresholds": "thresholds" if facts.has_thresholds else "nullptr",
        "thresholds_array": f"static const int32_t thresholds[] = {name}_THRESHOLDS;\n"
        if facts.has_thresholds
        else "",
        "doors": _doors(facts),
        **(_sample_words(facts) if facts.channels else {}),
    }


def _sample_words(facts: Sketched) -> dict[str, str]:
    """How a sample becomes an item."""
    assert facts.pipeline is not None
    pipeline, dtype = facts.pipeline, facts.pipeline.input.dtype
    decimals = pipeline.decimals or (0,)
    each = decimals if len(decimals) == facts.channels else decimals * facts.channels
    time = _TIMED_ELEMENTS[dtype] if pipeline.input.is_timed else 0
    return {
        "channels": str(facts.channels),
        "pins": ", ".join(facts.board.analog_inputs[: facts.channels]),
        "from_frames": str(int(facts.takes_frames)),
        "item_type": f"{dtype}_t",
        "units": ", ".join(str(10**one) for one in each),
        "units_note": _units_note(any(each)),
        "time_elements": str(time),
        "time_note": "the time in milliseconds is in front" if time else "it has no time",
        "fill_time": _fill_time(f"{dtype}_t", time),
    }


def _units_note(has_decimals: bool) -> str:
    if not has_decimals:
        return "What the model counts a channel in: the board's own counts, as they were recorded."
    return (
        "What one count of a channel is, in the recordings' unit with so many digits behind the point.\n"
        "// The model was trained on such values: where the board counts something else, change it here."
    )


def _fill_time(c_type: str, elements: int) -> str:
    if not elements:
        return "    (void)now_ms;"
    bits = 32 // elements
    return "\n".join(
        f"    item[{place}] = static_cast<{c_type}>(now_ms" + (f" >> {bits * place});" if place else ");")
        for place in range(elements)
    )


_NO_WINDOW: Final = """// Nothing is computed of a window by itself.
static const uint32_t INPUT_BYTES = 0;

static int32_t invoke(const void *)
{
    return 0;
}
"""
_WINDOW: Final = """static const uint32_t INPUT_BYTES = sizeof(TYPE) * NAME_INPUT_SIZE;

static int32_t invoke(const void *input)
{
    NAME_invoke(static_cast<const TYPE *>(input), scores);
    return 1;
}
"""
_NO_ITEM: Final = """// Nothing comes before the model.
static const uint32_t ITEM_BYTES = 0;

static int32_t push(const void *)
{
    return 0;
}

static int32_t more()
{
    return 0;
}

static int32_t flush()
{
    return 0;
}
"""
_ITEM: Final = """static const uint32_t ITEM_BYTES = sizeof(TYPE) * NAME_PACKET_SIZE;

static int32_t push(const void *item)
{
    return NAME_push(static_cast<const TYPE *>(item), scores);
}

static int32_t more()
{
    return NAME_more(scores);
}

static int32_t flush()
{
    return NAME_flush(scores);
}
"""
_RESET: Final = """static void reset()
{
BODY}"""


def _doors(facts: Sketched) -> str:
    """What SerialStream calls, whatever the model has."""
    window = _WINDOW.replace("TYPE", facts.input_type) if facts.input_type else _NO_WINDOW
    item = _NO_ITEM
    if facts.pipeline is not None:
        item = _ITEM.replace("TYPE", f"{facts.pipeline.input.dtype}_t")
    resets = facts.pipeline is not None or facts.is_stream
    reset = _RESET.replace("BODY", "    NAME_reset();\n" if resets else "")
    return "\n".join((window, item, reset)).replace("NAME", facts.name)
