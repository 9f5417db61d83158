"""How often kernels wait for the flash that run from it, or from RAM; and cycles of calls to RAM.

`python benchmarks/engine/fit_waits.py` writes this file, of 24 programs of M1 to M6 by
arm-none-eabi-gcc 12.2.1 -O2; the fit misses their cycles on the board by 2.6% at most.
Rates of other kernels are those of an earlier fit.
"""

from __future__ import annotations

from typing import Final

from .rates import Rates

USUAL: Final = Rates(0.254, 0.062, 0.008)
"""Of a kernel that is not listed."""

RATES: Final[dict[str, Rates]] = {
    "bag_code": Rates(0.255, 0.009, 0.003),
    "bag_sums, scale_uniform": Rates(0.164, 0.009, 0.0),
    "column_sums, round_sums": Rates(0.16, 0.035, 0.0),
    "column_sums, scale_uniform": Rates(0.087, 0.028, 0.0),
    "column_words, scale_uniform": Rates(0.499, 0.094, 0.0),
    "concatenate": Rates(0.254, 0.062, 0.008),
    "depthwise_pairs": Rates(0.001, 0.0, 0.019),
    "depthwise_pairs, unrolled": Rates(0.136, 0.0, 0.003),
    "depthwise_sums, round_sums": Rates(0.15, 0.023, 0.013),
    "depthwise_sums, scale_sums_signed": Rates(0.198, 0.08, 0.021),
    "depthwise_words, round_sums": Rates(0.147, 0.041, 0.015),
    "depthwise_words, scale_sums_signed": Rates(0.17, 0.085, 0.024),
    "gather_words": Rates(0.254, 0.062, 0.008),
    "line_triples": Rates(0.192, 0.001, 0.0),
    "line_triples, words": Rates(0.192, 0.002, 0.0),
    "lstm_sums_bytes": Rates(0.162, 0.018, 0.003),
    "lstm_sums_bytes_small": Rates(0.18, 0.016, 0.003),
    "lstm_sums_dot": Rates(0.246, 0.035, 0.004),
    "lstm_sums_dot_128": Rates(0.271, 0.036, 0.004),
    "lstm_sums_dot_128_small": Rates(0.248, 0.032, 0.003),
    "lstm_sums_dot_16": Rates(0.271, 0.036, 0.004),
    "lstm_sums_dot_16_small": Rates(0.249, 0.032, 0.003),
    "lstm_sums_dot_64": Rates(0.255, 0.035, 0.004),
    "lstm_sums_dot_64_small": Rates(0.273, 0.033, 0.003),
    "lstm_sums_dot_small": Rates(0.266, 0.032, 0.003),
    "reverse": Rates(0.254, 0.061, 0.008),
    "scale_dot_128": Rates(0.249, 0.049, 0.002),
    "scale_dot_64": Rates(0.249, 0.049, 0.002),
    "scale_fours_2": Rates(0.233, 0.02, 0.001),
    "scale_fours_4": Rates(0.234, 0.02, 0.001),
    "scale_fours_8": Rates(0.254, 0.02, 0.001),
    "scale_words_2": Rates(0.258, 0.02, 0.001),
    "scale_words_2_pool": Rates(0.246, 0.044, 0.002),
    "scale_words_4": Rates(0.232, 0.02, 0.001),
    "scale_words_4_pool": Rates(0.291, 0.046, 0.002),
    "scale_words_8": Rates(0.231, 0.02, 0.001),
    "scale_words_8_pool": Rates(0.26, 0.046, 0.002),
    "slice": Rates(0.254, 0.062, 0.008),
    "straight line, added up": Rates(0.26, 0.049, 0.002),
    "straight line, dot pairs": Rates(0.253, 0.021, 0.001),
    "straight line, the larger one, stored": Rates(0.198, 0.0, 0.0),
    "sums_bytes, round_sums": Rates(0.141, 0.028, 0.004),
    "sums_bytes, scale_sums": Rates(0.105, 0.036, 0.005),
    "sums_dot, round_sums": Rates(0.277, 0.061, 0.006),
    "sums_dot, scale_sums": Rates(0.277, 0.086, 0.008),
    "sums_dot_128, round_sums": Rates(0.271, 0.065, 0.006),
    "sums_dot_128, scale_sums": Rates(0.29, 0.095, 0.004),
    "sums_dot_16, round_sums": Rates(0.282, 0.05, 0.008),
    "sums_dot_16, scale_sums": Rates(0.289, 0.089, 0.037),
    "sums_dot_64, round_sums": Rates(0.276, 0.055, 0.007),
    "sums_dot_64, scale_sums": Rates(0.274, 0.091, 0.007),
    "toom_cook": Rates(0.232, 0.038, 0.0),
}
