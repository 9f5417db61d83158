"""docs/keras-layers.md: complete, current in rows that are tried, and of operators that are there."""

import random
import re

import pytest
from keras_cases import SECTIONS
from keras_page import APART, GONE, INSTEAD, NOTES, PAGE, named_layers, row
from seeds import FIRST_SEED

from zerotap.firmware.operators import MADE, OPERATORS, elementwise

ROWS = {label: (title, case) for title, rows in SECTIONS.items() for label, case in rows.items()}
QUICK = sorted(set(ROWS) - {label for label, (title, _) in ROWS.items() if title == "Recurrent"})
"""The others take seconds; test_recurrent_layers.py has them."""
TRIED = random.Random(FIRST_SEED).sample(QUICK, 5)


def _lines() -> list[str]:
    return PAGE.read_text(encoding="utf-8").splitlines()


def test_every_layer_of_keras_is_on_the_page_and_no_other() -> None:
    import keras

    names: dict[type, set[str]] = {}
    for name, each in vars(keras.layers).items():
        if isinstance(each, type) and issubclass(each, keras.layers.Layer):
            names.setdefault(each, set()).add(name)
    assert [called for called in names.values() if called.isdisjoint(named_layers())] == []
    assert {name for _, apart in APART.values() for name in apart.split()} <= set().union(*names.values())


def test_every_row_is_on_the_page_with_operators_that_there_are() -> None:
    rows = [re.findall(r"[^|]+", line) for line in _lines() if line.startswith("| ") and "---" not in line]
    shown = {cells[0].replace("`", "").strip(): cells[1].strip() for cells in rows}
    assert set(ROWS) <= shown.keys()
    refused = {label for label in ROWS if shown[label] == "refused"}
    assert refused == INSTEAD.keys() and NOTES.keys() <= set(ROWS) - refused
    named = {name for label in set(ROWS) - refused for name in shown[label].split(", ")}
    assert named - {"nothing"} <= {*OPERATORS, *MADE, elementwise.NAME}


@pytest.mark.parametrize("label", TRIED)
def test_rows_that_are_tried_are_current(label: str) -> None:
    title, case = ROWS[label]
    assert row(label, case, is_gone=title == GONE) in _lines(), "python docs/making/keras_page.py"
