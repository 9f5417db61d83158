"""Tables that a terminal of 80 columns shows whole."""

import io
from dataclasses import replace

import pytest
from made_comparison import COMPARISON, MODELS
from rich.console import Console

from zerotap.models import ClassScores, LeftOut, Scores, comparison_table, scores_table


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


def test_a_comparison_of_seven_models_fits():
    model = replace(
        MODELS[0],
        name="hashed-dense:large",
        board="Arduino MKR WiFi 1010",
        compiler="arm-none-eabi-gcc 12.2.1 -O2",
    )
    costs = replace(model.costs, flash_bytes=200_000, ram_bytes=30_000, stack_bytes=2_000)
    models = tuple(replace(model, costs=costs) for _ in range(7))
    lines = drawn(comparison_table(replace(COMPARISON, models=models)), 80).splitlines()
    assert max(map(len, lines)) <= 80
    assert not any("…" in line for line in lines)
    assert any("MKR WiFi 1010" in line for line in lines)
    assert sum("200,000" in line and "32,000" in line for line in lines) == 7


def test_a_comparison_has_a_row_a_model_and_says_what_was_verified():
    left_out = (LeftOut("conv:huge", "it takes more flash than the board has"),)
    text = drawn(comparison_table(replace(COMPARISON, left_out=left_out)), 80)
    assert "10 test recordings, synthetic data" in text
    rows = [line.split("│")[1:3] for line in text.splitlines() if line.startswith("│")]
    told = [[cell.strip() for cell in row] for row in rows]
    assert told[:3] == [["conv", "raw"], ["bag", "text"], ["majority", "desktop"]]
    assert "ms a message" in text and "56.90" in text
    assert "640 windows verified, 0 mismatches" in text
    assert "conv:huge is left out: it takes more flash than the board has" in " ".join(text.split())


def test_values_show_themselves_in_one_line():
    assert repr(Scores(0.75, 0.7, ((9, 1), (4, 6)), 20)) == (
        "Scores(accuracy=0.750, macro_f1=0.700, 20 recordings)"
    )
