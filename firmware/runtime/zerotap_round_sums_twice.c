/* TFLite's two roundings for sums that no zerotap_scale_t and no zerotap_round_sums takes. Takes the same time for
 * every value.
 *
 * |sum + bias| * 2^max(shift, 0) < 2^31 - 128, or all of int32 where shift is below 0; the scale's high a multiplier in
 * [0, 2^31), shift in [-31, 30]; limits as in the header. Where the scale's low is 1 the second rounding takes halves up,
 * where it is 0 away from zero. */
#include "zerotap_runtime.h"

void zerotap_round_sums_twice(const int32_t *sums, const zerotap_wide_scale_t *scales, uint32_t limits, int8_t *output)
{
    for (uint32_t i = 0; i < (limits >> 24 & 0x7fu); i++) {
        const int32_t shift = scales[i].shift, away = (int32_t)(scales[i].low ^ 1u);
        const int32_t left = shift & ~(shift >> 31), right = -shift & (shift >> 31);
        const int32_t sum = (sums[i] + scales[i].bias) * ((int32_t)1 << left);
        const int32_t high = zerotap_high_product(sum, (int32_t)scales[i].high);
        /* What the shift drops is at least a half, or more than one for a negative number that halves leave. */
        const int32_t mask = (int32_t)(((uint32_t)1 << right) - 1u);
        const int32_t half = (int32_t)((uint32_t)mask >> 1) + (zerotap_negative(high) & away);
        const int32_t rounded = (high >> right) - zerotap_negative(half - (high & mask));
        output[i] =
            zerotap_clamp(rounded + (int8_t)limits, (int8_t)(limits >> 8), (int8_t)(limits >> 16));
    }
}
