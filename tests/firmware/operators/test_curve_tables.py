"""The LSTM's curves from tables: every int16, every form, every bound; layers of a model share them."""

import numpy as np
import pytest

from zerotap.firmware.arithmetic import gemmlowp_int16
from zerotap.firmware.operators import Implementation
from zerotap.firmware.operators.recurrent import curves
from zerotap.firmware.operators.recurrent.curve_tables import LOGISTIC, CurveTable, applied, curve_table
from zerotap.firmware.planning import cost_model

FORMS = {"bytes": range(4), "nibbles": range(5)}
CASES = [(form, curve) for form, those in FORMS.items() for curve in those]
EVERY = np.arange(-(1 << 15), 1 << 15)


def content(table: CurveTable) -> np.ndarray:
    """x of every magnitude, as the board reads it."""
    if table.form == "bytes":
        segment = 128 if table.curve else 256
        begins = np.repeat(table.segments, segment)[: table.steps.size]
        return begins + table.steps + (1 << 13 if table.curve else 0)
    steps = np.stack([table.steps & 15, table.steps >> 4], axis=1).ravel()
    begins, slopes = np.repeat(table.segments.reshape(-1, 2), 256, axis=0)[: steps.size].T
    lines = begins + slopes * np.arange(steps.size)
    assert np.all(np.abs(lines) < 1 << 31)
    return (lines >> 16) + steps


@pytest.mark.parametrize(("form", "curve"), CASES)
@pytest.mark.parametrize("bound", [1 << 15, 20_001, 20_000, 255, 1])
def test_a_table_has_every_value_up_to_its_bound(form, curve, bound):
    table = curve_table(curve, form, bound)
    if table is None:
        assert (form, curve) == ("bytes", 4), "only tanh of 4 bits grows too fast"
        return
    values = EVERY[np.abs(EVERY) <= bound]
    rule = gemmlowp_int16.logistic(values) if curve == LOGISTIC else gemmlowp_int16.tanh(values, curve - 1)
    assert np.array_equal(applied(content(table), curve, values), rule)
    assert table.steps.min() >= 0
    assert table.steps.max() <= 255


def test_tanh_by_bytes_is_refused_where_it_saturates_and_every_form_where_it_grows_too_fast():
    assert curve_table(4, "bytes", 1 << 15) is None
    assert curve_table(4, "bytes", 15_000) is not None
    assert curve_table(5, "bytes", 1 << 15) is curve_table(5, "nibbles", 1 << 15) is None
    found = curves.ways((LOGISTIC, 4, 5), {LOGISTIC: 9, 4: 1 << 15, 5: 1 << 15}, is_micro=False)
    functions = [curve.function.removeprefix("zerotap_lstm_") for curve in found["tables"]]
    assert functions == ["logistic_bytes", "tanh_nibbles", "activation_small"]


def test_two_curves_that_are_the_same_share_a_table():
    found = curves.ways((LOGISTIC, 4, 4), {LOGISTIC: 9, 4: 9_000}, is_micro=False)["nibbles"]
    assert list(curves.tables(found)) == ["logistic_nibbles", "tanh_3_nibbles"]


def test_shared_constants_count_once_in_a_plan():
    def layer(*shared: tuple[str, int]) -> Implementation:
        return Implementation("none", (), 0, 0, None, shared=shared)

    assert cost_model.shared_bytes([layer(("a", 100), ("b", 7)), layer(("a", 100)), layer()]) == 107
