/* zerotap_round_sums for anything but ARMv6-M. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_round_sums(const int32_t *sums, const void *table, uint32_t count, int8_t *output)
{
    const zerotap_rounding_t *head = table;
    const int32_t *bias = (const int32_t *)(head + 1), *multipliers = bias + head->length;
    const int8_t *shifts = (const int8_t *)(multipliers + head->length);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t o = head->step ? i : 0;
        const int32_t sum = sums[i] + bias[o];
        const int32_t scaled = head->mode ? zerotap_requantise(sum, multipliers[o], shifts[o])
                                          : zerotap_requantise_once(sum, multipliers[o], shifts[o]);
        output[i] = zerotap_clamp(scaled + head->zero_point, head->min, head->max);
    }
}
#endif
