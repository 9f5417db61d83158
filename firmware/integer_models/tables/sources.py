"""The C text of a linear table: constants, running sums, and the three functions over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from zerotap.features.integer_models import LEVELS, ROOT_SHIFT, ROOTS
from zerotap.firmware.c_code.c_source import anonymous_struct, array, braced
from zerotap.firmware.integer_models.interface import TwinCode

if TYPE_CHECKING:
    from zerotap.features import LinearTable

UNROLLED: Final = 4
"""Up to so many columns their sums are variables of their own, and their biases literals."""


_STATE: Final = """static struct {{
    uint32_t ids;
    int32_t sums[{columns}];
}} text;
"""


def table_code(model: LinearTable, name: str) -> TwinCode:
    """The C of a table: each id costs a load or two a column, and the texts themselves are not kept."""
    form = _unrolled(model) if model.columns <= UNROLLED else _looped(model)
    return TwinCode(
        _constants(model)
        + _STATE.format(columns=model.columns)
        + _clear(model, name)
        + _add(name, *form[:3])
        + _scores(model, name, form[3])
    )


def _constants(model: LinearTable) -> str:
    if model.codebook is None:
        text = array("int8_t", "weights", model.weights)
    else:
        # One address for both.
        fields = (f"ZEROTAP_ALIGNED int8_t codebook[{LEVELS}];", f"uint8_t weights[{model.weights.size}];")
        values = f"    {braced(model.codebook.tolist())},\n    {braced(model.weights.tolist())},\n"
        text = anonymous_struct("table", fields, values)
    if model.by_root:
        text += array("uint8_t", "roots", ROOTS)
    if model.columns > UNROLLED:
        text += array("int32_t", "bias", model.bias)
    return text


def _clear(model: LinearTable, name: str) -> str:
    zeros = "\n".join(f"    text.sums[{column}] = 0;" for column in range(model.columns))
    if model.columns > UNROLLED:
        zeros = f"    for (int32_t i = 0; i < {model.columns}; i++) {{\n        text.sums[i] = 0;\n    }}"
    return f"\nvoid {name}_clear(void)\n{{\n    text.ids = 0;\n{zeros}\n}}\n"


def _add(name: str, begin: str, each: str, end: str) -> str:
    return f"""
void {name}_add(const int32_t *ids, int32_t count)
{{
{begin}    text.ids += (uint32_t)count;
    for (; count != 0; count--) {{
        const uint32_t bucket = (uint32_t)*ids++ - 1u;
{each}    }}
{end}}}
"""


def _scores(model: LinearTable, name: str, output: str) -> str:
    if not model.by_root:
        return f"\nvoid {name}_scores({name}_SCORE *output)\n{{\n{output}}}\n"
    return f"""
/* Sixteen times the square root of the number of ids. */
static int32_t root(void)
{{
    uint32_t count = text.ids, quarters = 0;
    while (count > 255u) {{
        count >>= 2;
        quarters++;
    }}
    return (int32_t)((uint32_t)roots[count] << quarters);
}}

void {name}_scores({name}_SCORE *output)
{{
    const int32_t length = root();
{output}}}
"""


def _weight(model: LinearTable, cell: str) -> str:
    """A weight by the number of its cell."""
    if model.codebook is None:
        return f"weights[{cell}]"
    # The shift is of the lowest bit, to 4 or 0: two instructions without a constant.
    return f"table.codebook[(table.weights[({cell}) >> 1] >> ((({cell}) << 31) >> 29)) & 15u]"


def _biased(model: LinearTable, total: str, bias: str) -> str:
    return f"{total} + (({bias} * length) >> {ROOT_SHIFT})" if model.by_root else f"{total} + {bias}"


def _unrolled(model: LinearTable) -> tuple[str, str, str, str]:
    """Lines before the ids, for each of them, after them; and those that give the scores."""
    columns = range(model.columns)
    begin = "".join(f"    int32_t sum_{column} = text.sums[{column}];\n" for column in columns)
    cells = [_cell(model, column) for column in columns]
    each = "".join(
        f"        sum_{column} += {_weight(model, cell)};\n"
        for column, cell in zip(columns, cells, strict=True)
    )
    end = "".join(f"    text.sums[{column}] = sum_{column};\n" for column in columns)
    given = [_biased(model, f"text.sums[{column}]", f"({int(model.bias[column])})") for column in columns]
    if model.is_halved:
        return begin, each, end, f"    output[1] = {given[0]};\n    output[0] = -output[1];\n"
    scores = "".join(f"    output[{column}] = {score};\n" for column, score in enumerate(given))
    return begin, each, end, scores


def _cell(model: LinearTable, column: int) -> str:
    return "bucket" if model.columns == 1 else f"{model.columns}u * bucket + {column}u"


def _looped(model: LinearTable) -> tuple[str, str, str, str]:
    loop = f"for (uint32_t i = 0; i < {model.columns}u; i++) {{"
    cell = f"{model.columns}u * bucket + i"
    each = f"        {loop}\n            text.sums[i] += {_weight(model, cell)};\n        }}\n"
    given = _biased(model, "text.sums[i]", "bias[i]")
    return "", each, "", f"    {loop}\n        output[i] = {given};\n    }}\n"
