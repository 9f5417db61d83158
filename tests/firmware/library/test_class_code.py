"""Names of classes, the largest score and per cents: the C on this machine says what Python says."""

import ctypes
import re

import numpy as np
import pytest
from sketches import compile_here

from zerotap.errors import ModelError
from zerotap.firmware import find_compiler
from zerotap.firmware.artefacts import ClassScores
from zerotap.firmware.library.class_code import ClassCode
from zerotap.firmware.library.class_names import identifiers
from zerotap.firmware.library.percents import SoftmaxPercent, percent_of
from zerotap.firmware.simulation.program import harness_file, link

HEADER = """#include <stdint.h>
typedef {score}_t {name}_SCORE;
{declarations}"""
NASTY = (
    'he said "no"',
    "two\nlines",
    "end */ /* of",
    "??/ ??= what",
    "naïve 日本語 🙂",
    "\\",
    "tab\t\x7f",
    "%s",
    "7",
)
PLAIN = ("happy", "sad", "angry")


def code_of(
    meaning: str, classes: int, names=(), *, are_labels: bool = False, scale=0.09, zero=3
) -> ClassCode:
    scores = ClassScores(classes, meaning, scale, zero)
    return ClassCode(scores, names, percent_of(scores, are_named=bool(names), are_labels=are_labels))


CASES = {
    "softmax": (code_of("logits", 3, PLAIN), "int8"),
    "nasty": (code_of("logits", len(NASTY), NASTY, scale=0.7), "int8"),
    "labels": (code_of("logits", 3, PLAIN, are_labels=True), "int8"),
    "probable": (code_of("probabilities", 2, scale=1 / 256, zero=-128), "int8"),
    "forest": (code_of("shares", 3, PLAIN, scale=1 / (255 * 1024)), "int32"),
    "table": (code_of("margins", 3, PLAIN), "int32"),
    "many": (code_of("logits", 300, tuple(map(str, range(300))), scale=0.001), "int8"),
    "bare": (code_of("logits", 12), "int8"),
    "index": (code_of("indices", 12), "int32"),
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """The C of every case in one shared object, compiled with all warnings as errors."""
    folder = tmp_path_factory.mktemp("classes")
    for name, (code, score) in CASES.items():
        declarations = code.declarations(name)
        (folder / f"{name}.h").write_text(HEADER.format(name=name, score=score, declarations=declarations))
        (folder / f"{name}_classes.c").write_text(code.source(name))
    flags = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wtrigraphs", "-Werror", "-fsanitize=undefined")
    compile_here(folder, *flags, "-shared", *sorted(folder.glob("*.c")), "-o", "classes.so")
    return ctypes.CDLL(str(folder / "classes.so"))


def drawn(code: ClassCode, score: str) -> np.ndarray:
    generator = np.random.default_rng(4)
    if score == "int8":
        rows = generator.integers(-128, 128, (400, code.scores.classes))
        rows[:3] = [[-128], [127], [0]]
        rows[3:9, 0] = 127
        return rows.astype(np.int8)
    whole = 255 * 1024 if code.scores.meaning == "shares" else 11
    return generator.integers(0, whole, (400, code.scores.classes), endpoint=True).astype(np.int32)


@pytest.mark.parametrize("name", CASES)
def test_the_c_says_what_python_says(library: ctypes.CDLL, name: str) -> None:
    code, score = CASES[name]
    rows = drawn(code, score)
    pointers = [row.ctypes.data_as(ctypes.c_void_p) for row in rows]
    argmax = rows[:, 0] if code.scores.meaning == "indices" else rows.argmax(axis=1)
    assert [getattr(library, f"{name}_argmax")(row) for row in pointers] == argmax.tolist()
    percent = getattr(library, f"{name}_percent", None)
    assert (percent is None) == (code.percent is None) == (name in ("table", "bare", "index"))
    if percent is not None:
        classes = range(-1, code.scores.classes + 1)
        found = np.array([[percent(row, number) for number in classes] for row in pointers])
        assert np.array_equal(found[:, 1:-1], code.percent.of(rows))
        assert not found[:, [0, -1]].any() and found.min() >= 0 and found.max() <= 100


@pytest.mark.parametrize("name", CASES)
def test_labels_are_the_same_bytes(library: ctypes.CDLL, name: str) -> None:
    label = getattr(library, f"{name}_label")
    label.restype = ctypes.c_char_p
    code = CASES[name][0]
    names = code.names or list(map(str, range(code.scores.classes)))
    assert [label(number) for number in range(len(names))] == [each.encode() for each in names]
    assert label(-1) == label(len(names)) == b""


def test_a_softmax_is_that_of_the_real_values() -> None:
    rows = np.random.default_rng(1).integers(-128, 128, (500, 5))
    for scale in (0.004, 0.05, 0.4, 3.0):
        real = np.exp(scale * (rows - rows.max(axis=1, keepdims=True)))
        expected = 100 * real / real.sum(axis=1, keepdims=True)
        assert abs(SoftmaxPercent(5, scale).of(rows) - expected).max() < 0.52


def test_a_label_s_per_cent_is_its_logistic() -> None:
    percent = CASES["labels"][0].percent
    assert percent is not None
    rows = np.arange(-128, 128).reshape(-1, 1)
    assert abs(percent.of(rows) - 100 / (1 + np.exp(-0.09 * (rows - 3)))).max() <= 0.5001


def test_the_enum_has_a_constant_for_each_class() -> None:
    text = CASES["nasty"][0].declarations("nasty")
    assert re.findall(r"nasty_CLASS_(\w+),", text) == [
        *("HE_SAID_NO", "TWO_LINES", "END_OF", "WHAT", "NAIVE", "5", "TAB", "S", "7"),
    ]
    assert all(text.count(mark) == text.count("\n    nasty_CLASS_") + 4 for mark in ("/*", "*/"))
    assert "??" not in text and text.isascii()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("c", "C++", "c 1"), ["C_0", "C_1_", "C_1"]),
        (("+", "-", "0"), ["0_", "1", "0"]),
        (("same", "Same", "sàme"), ["SAME_0", "SAME_1", "SAME_2"]),
        (("x" * 80, "x" * 81), ["X" * 40 + "_0", "X" * 40 + "_1"]),
    ],
)
def test_identifiers_differ(names: tuple[str, ...], expected: list[str]) -> None:
    assert identifiers(names) == expected


def test_a_name_that_no_string_holds_is_refused() -> None:
    for name in ("nul\0", "\ud800"):
        with pytest.raises(ModelError, match="give it another name"):
            code_of("logits", 2, (name, "b")).source("x")


MAIN = """#include "{name}.h"
int main(void)
{{
    void (*volatile kept)(void) = 0;
{lines}    return kept == 0;
}}
"""
KEEPING_BYTES = 8
"""To keep a function's address: two instructions and the address; compilers find shorter ways."""


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    "compiler", ["zig", pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc"))]
)
def test_flash_of_a_program_that_calls_all_of_them_is_as_said(name: str, compiler: str) -> None:
    code, score = CASES[name]
    header = HEADER.format(name=name, score=score, declarations=code.declarations(name))
    sources = {f"{name}.h": header, f"{name}_classes.c": code.source(name)}
    lines = "".join(f"    kept = (void (*)(void)){name}_{each};\n" for each in code.functions)
    board = find_compiler(compiler)

    def linked(lines: str) -> int:
        around = {
            "harness_startup.S": harness_file("startup.S"),
            "main.c": MAIN.format(name=name, lines=lines),
        }
        return link({**sources, **around}, board).flash_bytes

    said = code.flash_bytes(sources, name, board)
    more = linked(lines) - linked("") - KEEPING_BYTES * len(code.functions)
    assert abs(said - more) <= KEEPING_BYTES * len(code.functions) < said
