"""Thresholds as integers: the same verdict as of dequantised outputs, in NAME.h, and compiled."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zerotap.firmware.library.thresholds import Threshold, int8_threshold, int8_thresholds, with_thresholds
from zerotap.models import dequantise
from zerotap.models.thresholds import enough

HEADER = """#ifndef m_H
#define m_H
#ifdef __cplusplus
extern "C" {
#endif
void m_invoke(void);

#ifdef __cplusplus
}
#endif

#endif
"""


@given(st.floats(-50, 50, width=32), st.floats(2**-10, 1, width=32), st.integers(-128, 127))
def test_an_integer_gives_the_verdict_of_the_dequantised_logit(threshold, scale, zero_point):
    codes = np.arange(-128, 128).astype(np.int8)
    verdicts = enough(dequantise(codes, scale, zero_point)[:, None], [threshold])[:, 0]
    assert (verdicts == (codes.astype(int) >= int8_threshold(threshold, scale, zero_point))).all()


def test_the_header_has_them_in_the_order_of_the_outputs_and_no_label_ends_its_comment():
    codes = int8_thresholds([Threshold("*/ evil", 0.5), Threshold("rare", 99.0)], (0.25, -3))
    assert codes == {"*/ evil": -1, "rare": 128}
    header = with_thresholds({"m.h": HEADER}, "m", codes)["m.h"]
    assert "#define m_THRESHOLDS {-1, 128}\n" in header
    assert header.index("m_THRESHOLDS") < header.index("#ifdef __cplusplus\n}")
    assert header.count("*/") == 1
    assert header.replace(header[header.index("\n/*") : header.index("{-1, 128}\n") + 10], "") == HEADER


def test_without_thresholds_nothing_changes():
    assert with_thresholds({"m.h": HEADER}, "m", {}) == {"m.h": HEADER}
