/* A sum to int8 by zerotap_scaled_sum: below the middle, step comes off before the shift.
 *
 * Ranges as there. */
#include "zerotap_straight.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
int8_t zerotap_scaled_byte(int32_t sum, const zerotap_scale_t *scale, uint32_t bits, uint32_t step, int32_t middle)
{
    const uint32_t scaled = zerotap_scaled_sum(sum, scale, bits);
    return (int8_t)((int32_t)(scaled - ((int32_t)scaled < middle ? step : 0)) >> 24);
}
#endif
