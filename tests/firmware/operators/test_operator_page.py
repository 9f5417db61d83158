"""docs/operators.md is what the registry says."""

import os

import pytest
from operator_page import PAGE, page

from zerotap.firmware.operators import OPERATORS


@pytest.mark.skipif("ZEROTAP_SEED" in os.environ, reason="the page is of the constant seed's models")
def test_the_page_of_operators_is_current(tflite_writer) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(tflite_writer), "python docs/making/operator_page.py"


def test_the_page_names_every_operator_and_what_runs() -> None:
    rows = [line.split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    named = {row[0].removeprefix("| "): row for row in rows}
    assert OPERATORS.keys() <= named.keys()
    assert all(named[name][2] for name in OPERATORS)
    assert 1 < float(named["FULLY_CONNECTED"][3].split(" to ")[0]) < 10
