"""The C text of a linear table: constants, running sums, and the three functions over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from zerotap.features.integer_models import LEVELS, ROOT_SHIFT, ROOTS
from zerotap.firmware.c_code.board_assembly import elsewhere, on_the_board, shared
from zerotap.firmware.c_code.c_source import anonymous_struct, array, braced
from zerotap.firmware.integer_models.interface import TwinCode

from .assembly import add_kernel

if TYPE_CHECKING:
    from zerotap.features import LinearTable

UNROLLED: Final = 4
"""Up to so many columns their sums are variables of their own, and their biases literals."""


_STATE: Final = """struct {{
    uint32_t ids;
    int32_t sums[{columns}];
}} {name}_text;
"""


def table_code(model: LinearTable, name: str) -> TwinCode:
    """The C of a table: each id costs a load or two a column, and the texts themselves are not kept.

    NAME_add is assembly on the board, up to COLUMNS_MOST columns.
    """
    form = _unrolled(model, name) if model.columns <= UNROLLED else _looped(model, name)
    kernel = add_kernel(model, name)
    add = _add(name, *form[:3])
    files = {}
    if kernel is not None:
        file = f"{name}_table.S"
        add = elsewhere(f"{name}_add", file, add.removeprefix("\n"))
        files = {file: on_the_board(_about(model), kernel.text)}
    state = _STATE.format(columns=model.columns, name=name)
    text = _constants(model, name) + state + _clear(model, name) + add + _scores(model, name, form[3])
    return TwinCode(text, files=files)


def _about(model: LinearTable) -> str:
    kind = "int8 weights" if model.codebook is None else "4-bit codes of levels"
    return f"Adds ids to {model.columns} running sums: {model.buckets} buckets of {kind}"


def _constants(model: LinearTable, name: str) -> str:
    if model.codebook is None:
        text = shared(array("int8_t", f"{name}_weights", model.weights))
    else:
        # One address for both.
        fields = (f"ZEROTAP_ALIGNED int8_t codebook[{LEVELS}];", f"uint8_t weights[{model.weights.size}];")
        values = f"    {braced(model.codebook.tolist())},\n    {braced(model.weights.tolist())},\n"
        text = shared(anonymous_struct(f"{name}_table", fields, values))
    if model.by_root:
        text += array("uint8_t", "roots", ROOTS)
    if model.columns > UNROLLED:
        text += array("int32_t", "bias", model.bias)
    return text


def _clear(model: LinearTable, name: str) -> str:
    zeros = "\n".join(f"    {name}_text.sums[{column}] = 0;" for column in range(model.columns))
    if model.columns > UNROLLED:
        zeros = (
            f"    for (int32_t i = 0; i < {model.columns}; i++) {{\n        {name}_text.sums[i] = 0;\n    }}"
        )
    return f"\nvoid {name}_clear(void)\n{{\n    {name}_text.ids = 0;\n{zeros}\n}}\n"


def _add(name: str, begin: str, each: str, end: str) -> str:
    return f"""
void {name}_add(const int32_t *ids, int32_t count)
{{
{begin}    {name}_text.ids += (uint32_t)count;
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
    uint32_t count = {name}_text.ids, quarters = 0;
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


def _weight(model: LinearTable, name: str, cell: str) -> str:
    """A weight by the number of its cell."""
    if model.codebook is None:
        return f"{name}_weights[{cell}]"
    # The shift is of the lowest bit, to 4 or 0: two instructions without a constant.
    code = f"({name}_table.weights[({cell}) >> 1] >> ((({cell}) << 31) >> 29)) & 15u"
    return f"{name}_table.codebook[{code}]"


def _biased(model: LinearTable, total: str, bias: str) -> str:
    return f"{total} + (({bias} * length) >> {ROOT_SHIFT})" if model.by_root else f"{total} + {bias}"


def _unrolled(model: LinearTable, name: str) -> tuple[str, str, str, str]:
    """Lines before the ids, for each of them, after them; and those that give the scores."""
    columns = range(model.columns)
    begin = "".join(f"    int32_t sum_{column} = {name}_text.sums[{column}];\n" for column in columns)
    cells = [_cell(model, column) for column in columns]
    each = "".join(
        f"        sum_{column} += {_weight(model, name, cell)};\n"
        for column, cell in zip(columns, cells, strict=True)
    )
    end = "".join(f"    {name}_text.sums[{column}] = sum_{column};\n" for column in columns)
    given = [
        _biased(model, f"{name}_text.sums[{column}]", f"({int(model.bias[column])})") for column in columns
    ]
    if model.is_halved:
        return begin, each, end, f"    output[1] = {given[0]};\n    output[0] = -output[1];\n"
    scores = "".join(f"    output[{column}] = {score};\n" for column, score in enumerate(given))
    return begin, each, end, scores


def _cell(model: LinearTable, column: int) -> str:
    return "bucket" if model.columns == 1 else f"{model.columns}u * bucket + {column}u"


def _looped(model: LinearTable, name: str) -> tuple[str, str, str, str]:
    loop = f"for (uint32_t i = 0; i < {model.columns}u; i++) {{"
    cell = f"{model.columns}u * bucket + i"
    each = f"        {loop}\n            {name}_text.sums[i] += {_weight(model, name, cell)};\n        }}\n"
    given = _biased(model, f"{name}_text.sums[i]", "bias[i]")
    return "", each, "", f"    {loop}\n        output[i] = {given};\n    }}\n"
