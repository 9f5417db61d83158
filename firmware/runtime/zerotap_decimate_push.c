/* The mean of every factor samples, rounded to nearest, halves up.
 *
 * Lifted by 32768 the sums lie in [0, 2^24 + 2^7], and a sum times reciprocal's rounding (below 256) stays below 2^32:
 * so the high half of the product is the quotient. */
#include "zerotap_windows.h"

int32_t zerotap_decimate_push(const zerotap_decimate_t *rule, zerotap_decimate_sums_t *state, const int16_t *sample,
                              int16_t *mean)
{
    for (int32_t i = 0; i < rule->size; i++) {
        state->sums[i] += sample[i];
    }
    if (++state->seen < rule->factor) {
        return 0;
    }
    const int32_t lift = 32768 * rule->factor + (rule->factor >> 1);
    for (int32_t i = 0; i < rule->size; i++) {
        const uint32_t sum = (uint32_t)(state->sums[i] + lift);
        mean[i] = (int16_t)((int32_t)((uint64_t)sum * rule->reciprocal >> 32) - 32768);
    }
    zerotap_decimate_reset(rule, state);
    return 1;
}
