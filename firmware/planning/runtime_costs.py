"""What each function of runtime/ that models call costs on the board: arm-none-eabi-gcc 12.2 -O2, measured.

The stack is the deeper one of what GCC and clang make.

tests/firmware/planning/test_runtime_costs.py compiles all and prints these tables anew where they differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Code:
    """``code_bytes`` of flash; ``stack_bytes`` of a call, what it ``calls`` included."""

    code_bytes: int
    stack_bytes: int
    calls: tuple[str, ...] = ()


RUNTIME: Final[dict[str, Code]] = {
    "zerotap_add": Code(184, 48),
    "zerotap_add_elements": Code(192, 36),
    "zerotap_add_in_steps": Code(192, 80, ("zerotap_clamp", "zerotap_requantise")),
    "zerotap_add_row": Code(32, 28),
    "zerotap_add_sums": Code(28, 20),
    "zerotap_arg_max": Code(180, 68),
    "zerotap_average_pool_2d": Code(468, 184),
    "zerotap_average_pool_words": Code(88, 76, ("zerotap_window_means",)),
    "zerotap_bag_nibble_sums": Code(168, 48),
    "zerotap_bag_sums": Code(156, 48),
    "zerotap_clamp": Code(52, 16),
    "zerotap_column_sums": Code(40, 16),
    "zerotap_column_words": Code(204, 44),
    "zerotap_copy_rows": Code(76, 20),
    "zerotap_depthwise_sums": Code(48, 20),
    "zerotap_depthwise_words": Code(136, 40, ("zerotap_depthwise_sums",)),
    "zerotap_extremes": Code(136, 44),
    "zerotap_fill": Code(60, 12),
    "zerotap_fold_sums": Code(48, 56),
    "zerotap_gather": Code(72, 24),
    "zerotap_gather_words": Code(80, 32),
    "zerotap_high_product": Code(56, 16),
    "zerotap_line_max": Code(116, 32),
    "zerotap_lookup": Code(76, 24),
    "zerotap_lookup_channels": Code(64, 36),
    "zerotap_lstm_activation": Code(3088, 40),
    "zerotap_lstm_activation_small": Code(892, 40),
    "zerotap_lstm_cells": Code(112, 36),
    "zerotap_lstm_cells_twice": Code(120, 36),
    "zerotap_lstm_gates": Code(224, 68),
    "zerotap_lstm_gates_each": Code(312, 68),
    "zerotap_lstm_gates_pairs": Code(316, 68),
    "zerotap_lstm_gates_saturated": Code(280, 68),
    "zerotap_lstm_gates_wide": Code(184, 88, ("zerotap_requantise",)),
    "zerotap_lstm_gates_wide_each": Code(208, 88, ("zerotap_requantise",)),
    "zerotap_lstm_interpolated": Code(728, 36),
    "zerotap_lstm_logistic_bytes": Code(80, 20),
    "zerotap_lstm_logistic_nibbles": Code(116, 20),
    "zerotap_lstm_start": Code(32, 24),
    "zerotap_lstm_state": Code(152, 36),
    "zerotap_lstm_tanh_bytes": Code(80, 20),
    "zerotap_lstm_tanh_nibbles": Code(136, 20),
    "zerotap_matrix_sums": Code(152, 88),
    "zerotap_max_pool_2d": Code(436, 120),
    "zerotap_max_pool_words": Code(188, 96, ("zerotap_line_max",)),
    "zerotap_max_sums": Code(20, 8),
    "zerotap_move": Code(180, 48),
    "zerotap_moving_max": Code(252, 112, ("zerotap_line_max",)),
    "zerotap_moving_sum": Code(40, 28),
    "zerotap_multiply": Code(188, 40),
    "zerotap_multiply_in_steps": Code(152, 72, ("zerotap_clamp", "zerotap_requantise")),
    "zerotap_nonzero": Code(268, 72),
    "zerotap_pace_reset": Code(36, 24),
    "zerotap_patch": Code(148, 36),
    "zerotap_pack_blocks": Code(100, 28),
    "zerotap_pack_pairs": Code(156, 20),
    "zerotap_prelu": Code(264, 80, ("zerotap_clamp", "zerotap_requantise")),
    "zerotap_reciprocal": Code(124, 48, ("zerotap_high_product",)),
    "zerotap_requantise": Code(44, 32, ("zerotap_high_product",)),
    "zerotap_requantise_once": Code(120, 48),
    "zerotap_rescale": Code(56, 56, ("zerotap_clamp", "zerotap_requantise")),
    "zerotap_resize_bilinear": Code(224, 72),
    "zerotap_reverse": Code(44, 64),
    "zerotap_round_sums": Code(208, 44),
    "zerotap_round_sums_once": Code(376, 88, ("zerotap_clamp",)),
    "zerotap_round_sums_twice": Code(160, 64, ("zerotap_clamp", "zerotap_high_product")),
    "zerotap_row_due": Code(116, 32),
    "zerotap_scale_dot_128": Code(2352, 300),
    "zerotap_scale_dot_128_whole": Code(2216, 284),
    "zerotap_scale_dot_16": Code(588, 68),
    "zerotap_scale_dot_16_whole": Code(536, 60),
    "zerotap_scale_dot_64": Code(1392, 172),
    "zerotap_scale_dot_64_whole": Code(1256, 156),
    "zerotap_scale_sums": Code(84, 20),
    "zerotap_scale_sums_signed": Code(108, 20),
    "zerotap_scale_sums_wide": Code(100, 20),
    "zerotap_scale_sums_wide_signed": Code(124, 20),
    "zerotap_scale_uniform": Code(160, 36),
    "zerotap_scale_fours_2": Code(380, 36),
    "zerotap_scale_fours_4": Code(444, 36),
    "zerotap_scale_fours_8": Code(576, 36),
    "zerotap_scale_words_2": Code(328, 36),
    "zerotap_scale_words_2_pool": Code(400, 44),
    "zerotap_scale_words_4": Code(396, 36),
    "zerotap_scale_words_4_pool": Code(464, 44),
    "zerotap_scale_words_8": Code(524, 36),
    "zerotap_scale_words_8_pool": Code(596, 44),
    "zerotap_slide": Code(32, 16),
    "zerotap_slide_bytes": Code(20, 20),
    "zerotap_softmax": Code(252, 112, ("zerotap_high_product", "zerotap_reciprocal")),
    "zerotap_squared_difference": Code(200, 80, ("zerotap_clamp", "zerotap_requantise")),
    "zerotap_sums_bytes": Code(104, 36),
    "zerotap_sums_dot": Code(376, 292),
    "zerotap_sums_dot_128": Code(2140, 284),
    "zerotap_sums_dot_16": Code(460, 60),
    "zerotap_sums_dot_64": Code(1180, 156),
    "zerotap_sums_nibbles": Code(112, 36),
    "zerotap_sums_nonzero": Code(116, 36),
    "zerotap_svdf_bytes": Code(256, 112, ("zerotap_requantise",)),
    "zerotap_svdf_words": Code(264, 128, ("zerotap_requantise",)),
    "zerotap_take": Code(144, 44),
    "zerotap_window_means": Code(176, 44),
}

# Flash of the compiler's own functions, with what they call.
HELPERS: Final[dict[str, int]] = {}
