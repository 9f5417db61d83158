/* 1 / sum by three steps of Newton's method (gemmlowp's one_over_one_plus_x_for_x_in_0_1). Takes the same time for
 * every sum.
 *
 * sum in [1, 2^31), Q12.19; the result in [2^30, 2^31), Q0.31; power in [-19, 11]. */
#include "zerotap_runtime.h"

/* Leading zeros of value > 0, by bisection: the masks are -1 where the upper bits are all 0. */
static int32_t leading_zeros(uint32_t value)
{
    int32_t zeros = 0;
    for (int32_t step = 16; step > 0; step >>= 1) {
        const int32_t empty = zerotap_mask((int32_t)((value >> (32 - step)) - 1u) >> 31);
        zeros += step & empty;
        value <<= step & empty;
    }
    return zeros;
}

int32_t zerotap_reciprocal(int32_t sum, int32_t *power)
{
    const int32_t minus_32_over_17 = -1010580540; /* Q2.29, as x */
    const int32_t forty_eight_over_17 = 1515870810;
    const int32_t headroom = leading_zeros((uint32_t)sum);
    const int32_t half = (int32_t)((uint32_t)sum << headroom >> 1);
    *power = 12 - headroom;
    int32_t x = forty_eight_over_17 + zerotap_high_product(half, minus_32_over_17);
    for (int step = 0; step < 3; step++) {
        const int32_t error = ((int32_t)1 << 29) - zerotap_high_product(half, x);
        x += zerotap_high_product(error, x) * 4;
    }
    /* Twice x, at most 2^31 - 1. */
    const int32_t saturated = zerotap_mask(((INT32_MAX >> 1) - x) >> 31);
    return (int32_t)(((uint32_t)x << 1 | (uint32_t)saturated) & (uint32_t)INT32_MAX);
}
