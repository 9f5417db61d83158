"""Linear tables in C on the host, by ASan and UBSan: every score is the NumPy form's."""

import re

import numpy as np
from drawn_tables import drawn_table, tables, texts_of
from hypothesis import given, settings
from hypothesis import strategies as st

from zerotap.features import LinearTable
from zerotap.firmware.generation.integer_code import generate_integer
from zerotap.firmware.integer_models import linear_table
from zerotap.firmware.options import BuildOptions
from zerotap.firmware.planning.integers.integer_plan import plan_integer

LONGEST = 300  # root of the number of ids by the table alone, and with a shift
OWN = re.compile(r"\b(roots|root|bias)\b")
INVOKE = """
void NAME_invoke(const int32_t *input, int32_t *output)
{
    int32_t count = 0;
    while (count < NAME_INPUT_SIZE && input[count] != 0) {
        count++;
    }
    NAME_clear();
    NAME_add(input, count / 3);
    NAME_add(input + count / 3, 0);
    NAME_scores(output);
    NAME_add(input + count / 3, count - count / 3);
    NAME_scores(output);
}
"""


def host_files(model: LinearTable, name: str) -> dict[str, str]:
    """The generated files, with a function that takes a whole text: the host's program calls that."""
    files = generate_integer(plan_integer(model, linear_table, "table.npz", BuildOptions()), name)
    more = f"#define {name}_INPUT_SIZE {LONGEST}\n"
    more += f"void {name}_invoke(const int32_t *input, int32_t *output);\n"
    header = files[f"{name}.h"].replace("\n#ifdef __cplusplus\n}", f"\n{more}\n#ifdef __cplusplus\n}}")
    code = OWN.sub(rf"{name}_\1", files[f"{name}.c"]) + INVOKE.replace("NAME", name)
    return {**files, f"{name}.h": header, f"{name}.c": code}


def test_host_c_equals_the_numpy_form(build_host):
    every = {
        f"table_{columns}_{bits}_{root}": drawn_table(columns, root, bits)
        for columns in (1, 3, 4, 8, 9)
        for bits in (4, 8)
        for root in (False, True)
    }
    program = build_host({name: host_files(model, name) for name, model in every.items()})
    for name, model in every.items():
        texts = texts_of(model, 12, LONGEST, 1)
        assert np.array_equal(program.run(name, texts), model.scores(texts)), name


@settings(max_examples=2)
@given(st.lists(tables, min_size=6, max_size=6), st.integers(0, 2**32 - 1))
def test_host_c_equals_the_numpy_form_of_what_hypothesis_draws(build_host, drawn, seed):
    every = {f"drawn_{number}": model for number, model in enumerate(drawn)}
    program = build_host({name: host_files(model, name) for name, model in every.items()})
    for name, model in every.items():
        texts = texts_of(model, 12, LONGEST, seed)
        assert np.array_equal(program.run(name, texts), model.scores(texts)), name


def test_an_access_outside_is_seen(build_host, sanitisers):
    """The proof of the two above: an id behind the last bucket ends the program."""
    model = drawn_table(1, False, 8, 16)
    program = build_host({"table": host_files(model, "table")})
    texts = np.zeros((1, LONGEST), np.int32)
    texts[0, 0] = 17 + 16
    if "address" in sanitisers:
        try:
            program.run("table", texts)
        except AssertionError as error:
            assert "global-buffer-overflow" in str(error) or "index" in str(error)
        else:
            raise AssertionError("nothing was seen")
