"""Figures that are not measured here: what to reach, and what others need, quoted.

The others were measured apart from this repository, on the same simulated Cortex-M0+, with arm-none-eabi-gcc
12.2 -O2 and models of the same shapes. "Best other" is CMSIS-NN called directly, or short plain C with folded
zero points where that was faster; the other column is TensorFlow Lite Micro with CMSIS-NN's kernels.
"""

from typing import NamedTuple


class Figures(NamedTuple):
    """Cycles of an inference, and bytes that the model adds to an empty program; RAM without the stack."""

    cycles: int
    flash: int
    ram: int


REACH = {
    "M1": Figures(2_300, 1_900, 48),
    "M2": Figures(18_500, 12_000, 192),
    "M3": Figures(350_000, 13_500, 1_472),
    "M4": Figures(340_000, 11_000, 2_600),
    "M5": Figures(5_000, 18_500, 200),
    "M6": Figures(800_000, 34_000, 1_500),
}
REACH_FLASH_OPTIMISED_FOR_SIZE = {"M2": 6_000, "M3": 3_900, "M4": 3_500}

BEST_OTHER = {
    "M1": Figures(6_619, 1_100, 24),
    "M2": Figures(44_025, 8_292, 160),
    "M3": Figures(1_064_260, 3_808, 1_472),
    "M4": Figures(1_138_242, 3_368, 3_072),
    "M5": Figures(13_691, 17_632, 640),
}
TFLM_WITH_CMSIS_NN = {
    "M1": Figures(9_394, 37_816, 1_372),
    "M2": Figures(46_396, 43_288, 1_708),
    "M3": Figures(1_271_373, 60_988, 4_444),
    "M4": Figures(1_377_358, 68_064, 5_612),
    "M5": Figures(99_704, 62_024, 2_060),
    "M6": Figures(1_574_634, 105_072, 6_272),
}
