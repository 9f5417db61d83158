"""Thresholds as integers: the same verdict as of dequantised outputs, in NAME.h, and compiled."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zerotap.firmware.artefacts.least_scores import INT8_NEVER, INT32_NEVER, least_int8, least_int32
from zerotap.firmware.library.thresholds import with_thresholds
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
    assert (verdicts == (codes.astype(int) >= least_int8(threshold, scale, zero_point))).all()


@given(
    st.floats(-1e6, 1e6),
    st.floats(2**-40, 8, width=32, exclude_min=True),
    st.integers(-2, 2),
)
def test_an_integer_score_gives_the_verdict_of_its_real_value(threshold, scale, step):
    least = least_int32(threshold, scale)
    scores = np.clip(np.array([least - 1, least, least + 1, least + step]), -(1 << 31), INT32_NEVER - 1)
    verdicts = enough(dequantise(scores.astype(np.int32), scale, 0)[:, None], [threshold])[:, 0]
    assert (verdicts == (scores >= least)).all()


def test_what_no_score_reaches_is_never_and_what_all_reach_the_least():
    assert least_int32(math.inf, 0.1) == least_int32(1e30, 0.1) == INT32_NEVER == 2**31 - 1
    assert least_int32(-1e30, 0.1) == -(2**31)
    assert least_int8(math.inf, 0.1, 0) == INT8_NEVER == 128


def test_the_header_has_them_in_the_order_of_the_outputs_and_no_label_ends_its_comment():
    codes = {"*/ evil": least_int8(0.5, 0.25, -3), "rare": least_int8(99.0, 0.25, -3)}
    assert codes == {"*/ evil": -1, "rare": 128}
    header = with_thresholds({"m.h": HEADER}, "m", codes, INT8_NEVER)["m.h"]
    assert "#define m_THRESHOLDS {-1, 128}\n" in header
    assert header.index("m_THRESHOLDS") < header.index("#ifdef __cplusplus\n}")
    assert header.count("*/") == 1
    assert header.replace(header[header.index("\n/*") : header.index("{-1, 128}\n") + 10], "") == HEADER


def test_without_thresholds_nothing_changes():
    assert with_thresholds({"m.h": HEADER}, "m", {}, INT8_NEVER) == {"m.h": HEADER}
