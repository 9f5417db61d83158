/* 1 / sum by three steps of Newton's method (gemmlowp's one_over_one_plus_x_for_x_in_0_1).
 *
 * sum in [1, 2^31), Q12.19; the result in [2^30, 2^31), Q0.31; power in [-19, 11]. */
#include "zerotap_runtime.h"

int32_t zerotap_reciprocal(int32_t sum, int32_t *power)
{
    const int32_t minus_32_over_17 = -1010580540; /* Q2.29, as x */
    const int32_t forty_eight_over_17 = 1515870810;
    uint32_t normal = (uint32_t)sum;
    int32_t headroom = 0;
    while (normal < 0x80000000u) {
        normal <<= 1;
        headroom++;
    }
    *power = 12 - headroom;
    const int32_t half = (int32_t)(normal >> 1);
    int32_t x = forty_eight_over_17 + zerotap_requantise(minus_32_over_17, half, 0);
    for (int step = 0; step < 3; step++) {
        const int32_t error = ((int32_t)1 << 29) - zerotap_requantise(half, x, 0);
        x += zerotap_requantise(error, x, 0) * 4;
    }
    return x < ((int32_t)1 << 30) ? x * 2 : INT32_MAX;
}
