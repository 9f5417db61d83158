"""Tables that a terminal of 80 columns shows whole."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from zerotap.models import ClassScores, Comparison, Scores, comparison_table, scores_table
from zerotap.models.comparison import Row

ROW = Row(
    "hashed", "text", 0.9, 0.9, 0.9, 0.9, 200_000, 30_000, 2_000, 12_345_678, 257.2, 9_308, 0,
    "tflite 2.21.0 BUILTIN_REF", "arm-none-eabi-gcc 12.2.1 -O2", "Arduino MKR WiFi 1010", 48_000_000,
)  # fmt: skip


def drawn(table, columns=200) -> str:
    console = Console(file=io.StringIO(), width=columns)
    console.print(table)
    return console.file.getvalue()


def confusion(classes: int) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(90 if a == b else (a + b) % 7 for a in range(classes)) for b in range(classes))


@pytest.mark.parametrize("classes", [2, 5, 14])
@pytest.mark.parametrize("name", ["a", "gesture", "a gesture with quite a long name"])
def test_scores_of_any_number_of_classes_fit(classes, name):
    names = [f"{name} {index}" for index in range(classes)]
    scores = Scores(0.9, 0.8, confusion(classes), 900)
    lines = drawn(scores_table("model", names, {"float": scores, "int8": scores})).splitlines()
    assert max(map(len, lines)) <= 80
    assert not any("…" in line for line in lines)


def test_all_verdicts_are_shown_where_there_is_room():
    text = drawn(scores_table("model", ("calm", "tense"), {"float": Scores(0.75, 0.7, ((9, 1), (4, 6)), 20)}))
    assert "0.750" in text
    assert [line.split("│")[1:4] for line in text.splitlines() if "│ calm" in line or "│ tense" in line] == [
        [" calm       ", "    9 ", "     1 "],
        [" tense      ", "    4 ", "     6 "],
    ]


def test_mistakes_are_shown_where_there_is_none():
    names = [f"a_gesture_of_some_length_{index}" for index in range(3)]
    scores = Scores(0.9, 0.8, ((8, 0, 2), (0, 10, 0), (1, 3, 6)), 30)
    text = drawn(scores_table("model", names, {"float": scores}))
    assert "8 of 10" in text
    assert "10 of 10" in text
    assert text.index("length_1 (3)") < text.index("length_0 (1)")


def test_the_rows_of_a_model_of_labels_are_called_labels():
    each = (ClassScores(0.9, 0.8, 0.85, 10),) * 2
    scores = Scores(0.9, 0.85, ((9, 1, 2, 8),) * 2, 20, each)
    asked = {of_labels: replace(scores, of_labels=of_labels) for of_labels in (True, False)}
    drawings = {key: drawn(scores_table("m", ("toxic", "rude"), {"int8": one})) for key, one in asked.items()}
    assert "each label, int8" in drawings[True] and "class" not in drawings[True]
    assert "each class, int8" in drawings[False] and "label" not in drawings[False]


def test_a_comparison_of_three_models_fits():
    table = comparison_table(Comparison((ROW, ROW, ROW), True, 480, "by recording, stratified by class"))
    lines = drawn(table, 80).splitlines()
    assert max(map(len, lines)) <= 80
    assert not any("…" in line for line in lines)
    assert any("MKR WiFi 1010" in line for line in lines)
    assert sum("12,345,678" in line for line in lines) == 1


def test_values_show_themselves_in_one_line():
    assert repr(Scores(0.75, 0.7, ((9, 1), (4, 6)), 20)) == (
        "Scores(accuracy=0.750, macro_f1=0.700, 20 recordings)"
    )
    assert repr(Comparison((ROW,), True, 480, "")) == (
        "Comparison(hashed 0.900; 480 test recordings, synthetic)"
    )
