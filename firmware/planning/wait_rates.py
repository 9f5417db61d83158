"""How often a kernel waits for the flash, a cycle at zero wait states: fitted.

`python benchmarks/engine/fit_waits.py` writes this file, of 29 programs of M1 to M6 by
arm-none-eabi-gcc 12.2.1 -O2; the fit misses their cycles on the board by 4.0% at most.
"""

from __future__ import annotations

from typing import Final

USUAL: Final = 0.231
"""Of a kernel that is not listed."""

RATES: Final[dict[str, float]] = {
    "bag_sums, scale_uniform": 0.117,
    "column_sums, round_sums": 0.0,
    "column_sums, scale_uniform": 0.182,
    "concatenate": 0.231,
    "depthwise_sums, round_sums": 0.059,
    "depthwise_sums, scale_sums_signed": 0.081,
    "depthwise_words, round_sums": 0.045,
    "depthwise_words, scale_sums_signed": 0.135,
    "gather_words": 0.231,
    "lstm_sums_2": 0.258,
    "lstm_sums_2_small": 0.255,
    "lstm_sums_bytes_small": 0.17,
    "reverse": 0.231,
    "slice": 0.231,
    "sums_2, round_sums": 0.294,
    "sums_2, scale_sums": 0.299,
    "sums_bytes, round_sums": 0.135,
    "sums_bytes, scale_sums": 0.102,
}
