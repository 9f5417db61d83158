"""How often kernels wait for the flash that run from it, or from RAM; and cycles of calls to RAM.

`python benchmarks/engine/fit_waits.py` writes this file, of 134 programs of M1 to M6 by
arm-none-eabi-gcc 12.2.1 -O2; the fit misses their cycles on the board by 3.9% at most.
"""

from __future__ import annotations

from typing import Final

from .rates import Rates

USUAL: Final = Rates(0.241, 0.062, 0.009)
"""Of a kernel that is not listed."""

RATES: Final[dict[str, Rates]] = {
    "bag_sums, scale_uniform": Rates(0.127, 0.006, 0.006),
    "column_sums, round_sums": Rates(0.159, 0.047, 0.0),
    "column_sums, scale_uniform": Rates(0.305, 0.066, 0.0),
    "concatenate": Rates(0.241, 0.061, 0.009),
    "depthwise_sums, round_sums": Rates(0.206, 0.021, 0.014),
    "depthwise_sums, scale_sums_signed": Rates(0.126, 0.077, 0.022),
    "depthwise_words, round_sums": Rates(0.215, 0.039, 0.015),
    "depthwise_words, scale_sums_signed": Rates(0.168, 0.081, 0.019),
    "gather_words": Rates(0.242, 0.061, 0.009),
    "lstm_sums_bytes": Rates(0.162, 0.018, 0.003),
    "lstm_sums_bytes_small": Rates(0.181, 0.016, 0.003),
    "lstm_sums_dot": Rates(0.247, 0.035, 0.004),
    "lstm_sums_dot_128": Rates(0.271, 0.036, 0.004),
    "lstm_sums_dot_128_small": Rates(0.248, 0.032, 0.003),
    "lstm_sums_dot_16": Rates(0.272, 0.036, 0.004),
    "lstm_sums_dot_16_small": Rates(0.249, 0.032, 0.003),
    "lstm_sums_dot_64": Rates(0.255, 0.035, 0.004),
    "lstm_sums_dot_64_small": Rates(0.274, 0.033, 0.003),
    "lstm_sums_dot_small": Rates(0.266, 0.032, 0.003),
    "reverse": Rates(0.242, 0.061, 0.009),
    "slice": Rates(0.241, 0.061, 0.009),
    "sums_bytes, round_sums": Rates(0.139, 0.027, 0.004),
    "sums_bytes, scale_sums": Rates(0.094, 0.035, 0.005),
    "sums_dot, round_sums": Rates(0.263, 0.061, 0.006),
    "sums_dot, scale_sums": Rates(0.262, 0.086, 0.008),
    "sums_dot_128, round_sums": Rates(0.281, 0.065, 0.006),
    "sums_dot_128, scale_sums": Rates(0.295, 0.095, 0.004),
    "sums_dot_16, round_sums": Rates(0.262, 0.05, 0.008),
    "sums_dot_16, scale_sums": Rates(0.294, 0.089, 0.037),
    "sums_dot_64, round_sums": Rates(0.27, 0.055, 0.008),
    "sums_dot_64, scale_sums": Rates(0.264, 0.091, 0.009),
}
