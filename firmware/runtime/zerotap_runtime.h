/* What the generated code calls. No float, no heap, no libc; right shifts of negative numbers are arithmetic
 * (as in GCC and Clang). All tensors are int8, row-major, channels last, with a batch of 1. */
#ifndef ZEROTAP_RUNTIME_H
#define ZEROTAP_RUNTIME_H

#include <stdint.h>

#define ZEROTAP_ALIGNED __attribute__((aligned(4)))

/* Scales a sum by multiplier * 2^(shift - 31): value * 2^max(shift, 0) in int32, multiplier 0 or in
 * [2^30, 2^31), shift in [-31, 30]. */
typedef int32_t zerotap_requantise_t(int32_t value, int32_t multiplier, int32_t shift);

/* Rounds twice: the doubling high multiply, then the right shift. */
int32_t zerotap_requantise(int32_t value, int32_t multiplier, int32_t shift);
/* Rounds once. */
int32_t zerotap_requantise_once(int32_t value, int32_t multiplier, int32_t shift);

/* Clamps to [min, max], which lies inside [-128, 127]. */
int8_t zerotap_clamp(int32_t value, int32_t min, int32_t max);

/* Weights [outputs][inputs] in [-128, 127]; bias, multipliers and shifts [outputs]. */
typedef struct {
    int32_t rows;
    int32_t inputs;
    int32_t outputs;
    const int8_t *weights;
    const int32_t *bias;
    const int32_t *multipliers;
    const int8_t *shifts;
    int32_t input_zero_point;
    int32_t output_zero_point;
    int32_t output_min;
    int32_t output_max;
    zerotap_requantise_t *requantise;
} zerotap_fully_connected_t;

/* input [rows][inputs], output [rows][outputs]; they must not overlap. */
void zerotap_fully_connected(const int8_t *input, const zerotap_fully_connected_t *layer, int8_t *output);

#endif
