"""What lines of assembly cost is counted as the manual has it, and two models' functions stay apart."""

import pytest

from zerotap.firmware.c_code.assembly import AssemblyFunction, code_bytes, cycles, instructions
from zerotap.firmware.generation.layer_assembly import assembly_files, in_c, own_name

FUNCTION = AssemblyFunction(
    "layer_3_body",
    "void layer_3_body(const int8_t *row, int32_t *sums)",
    tuple(instructions("ldr r2, =70000", "str r2, [r1]", "bx lr")),
    "sums[0] = 70000;",
    "70,000 whatever the row; [70000, 70000]",
)


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [
        ("muls r0, r1, r0", 1),
        ("ldrsb r0, [r1, r2]", 2),
        ("str r0, [sp, #4]", 2),
        ("ldmia r0!, {r2, r3}", 3),
        ("ldmia r0!, {r2-r5, r7}", 6),
        ("stmia r1!, {r4}", 2),
        ("push {r4-r7, lr}", 6),
        ("pop {r4-r7}", 5),
        ("pop {r4-r7, pc}", 8),
        ("bl zerotap_x", 3),
        ("b 1f", 2),
        ("bx lr", 2),
        ("bls 1f", 1),
        ("mov pc, lr", 2),
        ("adcs r0, r1", 1),
    ],
)
def test_an_instruction_takes_what_the_manual_says(instruction, expected):
    assert cycles(instructions(instruction)) == expected
    assert cycles([*instructions(instruction, instruction), "1:"]) == 2 * expected


def test_a_literal_is_kept_once_and_code_fills_whole_words():
    loads = instructions("ldr r0, =70000", "ldr r1, =70000", "ldr r2, =80000")
    assert code_bytes(["1:", *loads]) == 8 + 8
    assert code_bytes(instructions("bl zerotap_x", "bx lr", "nop")) == 8
    assert FUNCTION.code_bytes == 8 + 4


def test_two_models_have_functions_of_their_own():
    files = {name: text for model in "ab" for name, text in assembly_files([FUNCTION], model).items()}
    assert sorted(files) == ["a_layers.S", "b_layers.S"]
    assert "\na_layer_3_body:\n" in files["a_layers.S"] and FUNCTION.about in files["a_layers.S"]
    text = own_name(in_c([FUNCTION], "a") + "layer_3_body(x); layer_3_body_2(x);", [FUNCTION], "a")
    assert "a_layer_3_body(x); layer_3_body_2(x);" in text
    assert "a_layers.S" in text and "#else" in text and "    sums[0] = 70000;" in text
    assert assembly_files([], "a") == {}
