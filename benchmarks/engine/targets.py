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


class Reach(NamedTuple):
    """Cycles to reach with at most so many bytes of flash."""

    cycles: int
    flash: int


# The engine before its inner loops were rewritten, at the default choice: what nothing may be slower than.
BEFORE = {
    "M1": Figures(2_025, 1_652, 24),
    "M2": Figures(15_894, 10_940, 48),
    "M3": Figures(313_898, 6_884, 1_376),
    "M4": Figures(297_299, 6_400, 2_048),
    "M5": Figures(4_401, 18_496, 32),
    "M6": Figures(683_319, 32_460, 1_328),
    "demo": Figures(1_832_584, 30_392, 1_520),
}
# The fastest plan within a budget that is no small one.
FASTEST = {
    "M1": Reach(1_280, 64 << 10),
    "M2": Reach(13_300, 64 << 10),
    "M3": Reach(205_000, 64 << 10),
    "M4": Reach(185_000, 64 << 10),
    "M5": Reach(2_900, 64 << 10),
    "M6": Reach(416_000, 96 << 10),
    "demo": Reach(1_250_000, 96 << 10),
}
# The fastest plan within little more flash than the engine before took.
AT_SMALL_FLASH = {
    "M1": Reach(1_800, 1_800),
    "M2": Reach(13_950, 13_700),
    "M3": Reach(270_000, 9_000),
    "M4": Reach(255_000, 7_500),
    "M5": Reach(3_600, 18_600),
    "M6": Reach(510_000, 50_000),
    "demo": Reach(1_480_000, 32_000),
}
# Of `--optimise size`, as before.
SMALLEST_FLASH = {
    "M1": 980,
    "M2": 5_596,
    "M3": 3_592,
    "M4": 3_464,
    "M5": 17_764,
    "M6": 25_344,
    "demo": 15_788,
}

# The demo's conv behind its windows: the longest push or call at a recording's end, at every hop; and cycles
# from one window to the next, by hop.
LONGEST_CALL = 50_000
WINDOW_CYCLES = {48: 1_010_000}

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
