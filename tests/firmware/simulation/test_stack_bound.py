"""The static bound of the stack: programs in assembly whose depth is known, and those that have none."""

import re
from pathlib import Path

import numpy as np
import pytest

from zerotap.firmware import find_compiler, quantise, read_tflite
from zerotap.firmware.options import BuildOptions
from zerotap.firmware.simulation.program import Program, harness_file, link
from zerotap.firmware.simulation.stack_bound import StackBoundError, stack_bound, stack_bounds
from zerotap.firmware.verification import verify

BOTH = ["zig", pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc"))]
FUNCTION = """
    .section .text.{0}, "ax", %progbits
    .global {0}
    .thumb_func
    .type {0}, %function
{0}:
    {1}
    .ltorg
"""


def assembled(**functions: str) -> Program:
    """main() and others, each given as instructions divided by semicolons."""
    text = ".syntax unified\n.cpu cortex-m0plus\n.thumb\n"
    text += "".join(
        FUNCTION.format(name, re.sub(r"\s*;\s*", "\n    ", code)) for name, code in functions.items()
    )
    return link({"startup.S": harness_file("startup.S"), "code.S": text}, find_compiler("zig"))


@pytest.mark.parametrize(
    ("code", "bound"),
    [
        ("bx lr", 0),
        ("push {r4, lr}; pop {r4, pc}", 8),
        ("push {r4, lr}; sub sp, #24; add sp, #24; pop {r4, pc}", 32),
        ("push {lr}; cmp r0, #0; beq 1f; push {r1, r2}; pop {r1, r2}; 1: pop {pc}", 12),
        ("push {r4, lr}; 1: push {r0}; pop {r0}; subs r0, #1; bne 1b; pop {r4, pc}", 12),
        ("push {r4, lr}; ldr r4, =-1024; add sp, r4; ldr r4, =1024; add sp, r4; pop {r4, pc}", 1032),
        ("push {r4, lr}; pop {r4}; pop {r1}; bx r1", 8),
        ("push {lr}; movs r3, #128; lsls r3, r3, #2; rsbs r4, r3, #0; add sp, r4; add sp, r3; pop {pc}", 516),
        (
            "push {lr}; movs r3, #255; mvns r3, r3; lsls r3, #1; add sp, r3; ldr r3, =512; add sp, r3;"
            "pop {pc}",
            516,
        ),
        (
            "push {lr}; movs r3, #200; adds r3, #60; mov r12, r3; rsbs r3, r3, #0; add sp, r3; add sp, r12;"
            "pop {pc}",
            264,
        ),
        (
            "push {lr}; ldr r4, =-512; cmp r0, #0; beq 1f; movs r3, #1; 1: add sp, r4; ldr r4, =512;"
            "add sp, r4; pop {pc}",
            516,
        ),
        (
            "push {r6, r7, lr}; add r7, sp, #8; sub sp, #508; sub sp, #8; subs r6, r7, #5; subs r6, #3;"
            "mov sp, r6; pop {r6, r7, pc}",
            528,
        ),
        (
            "push {lr}; ldr r7, =-1024; add sp, r7; bl low; movs r6, #1; lsls r6, #10; add sp, r6; pop {pc}",
            1028,
        ),
    ],
)
def test_a_function_by_itself(code: str, bound: int) -> None:
    assert stack_bound(assembled(main=code, low="bx lr"), "main") == bound


def test_calls_add_up_along_the_deepest_way() -> None:
    program = assembled(
        main="push {lr}; bl low; sub sp, #8; bl deep; add sp, #8; pop {pc}",
        low="push {r4-r7, lr}; pop {r4-r7, pc}",
        deep="push {r4, lr}; bl low; pop {r4}; pop {r1}; mov lr, r1; b low",
    )
    assert stack_bound(program, "low") == 20
    assert stack_bound(program, "deep") == 28
    assert stack_bound(program, "main") == 12 + 28
    assert stack_bounds(program, ["deep", "main", "low"]) == [28, 12 + 28, 20]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("push {lr}; bl main; pop {pc}", "recursion"),
        ("push {lr}; blx r0; pop {pc}", "call through a pointer"),
        ("bx r0", "call through a pointer"),
        ("add pc, r0; nop", "computed jump"),
        ("mov pc, r0", "computed jump"),
        ("mov sp, r0; bx lr", "SP is set from a register"),
        ("add sp, r0; bx lr", "SP is set from a register"),
        ("1: push {r0}; b 1b", "grows in a loop"),
        ("movs r3, #8; cmp r0, #0; beq 1f; movs r3, #16; 1: add sp, r3; bx lr", "SP is set from a register"),
        ("push {lr}; movs r3, #8; bl main2; add sp, r3; pop {pc}", "SP is set from a register"),
        ("movs r3, #8; ldrb r3, [r0]; add sp, r3; bx lr", "SP is set from a register"),
        ("mov r7, sp; mov r6, sp; subs r5, r7, r6; mov sp, r5; bx lr", "SP is set from a register"),
        ("push {r3}; movs r3, #8; pop {r3}; add sp, r3; bx lr", "SP is set from a register"),
    ],
)
def test_what_has_no_bound_is_said(code: str, reason: str) -> None:
    with pytest.raises(StackBoundError, match=reason):
        stack_bound(assembled(main=code, main2="bx lr"), "main")


@pytest.fixture(scope="module")
def conv_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import keras

    keras.utils.set_random_seed(3)
    layers = [
        keras.Input((12, 5)),
        keras.layers.Conv1D(7, 3, activation="relu", padding="same"),
        keras.layers.SeparableConv1D(6, 3),
        keras.layers.AveragePooling1D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(3, activation="softmax"),
    ]
    samples = np.random.default_rng(2).uniform(-1, 1, (16, 12, 5)).astype(np.float32)
    path = tmp_path_factory.mktemp("conv") / "conv.tflite"
    path.write_bytes(quantise(keras.Sequential(layers), samples))
    return path


@pytest.mark.parametrize("compiler", BOTH)
def test_no_inference_is_deeper_than_the_bound(dense_file, conv_file, compiler: str) -> None:
    for file in (dense_file, conv_file):
        graph = read_tflite(file)
        shape = graph.tensors[graph.input].shape[1:]
        samples = np.random.default_rng(2).integers(-128, 128, (8, *shape)).astype(np.int8)
        for optimise in ("speed", "size"):
            report = verify(file, samples, BuildOptions(compiler=compiler, optimise=optimise))
            assert 0 < report.stack_bytes <= report.stack_bound_bytes < report.stack_bytes + 64
            assert report.optimise == optimise
