/* zerotap_scale_sums_wide for anything but ARMv6-M. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_scale_sums_wide(const int32_t *sums, const zerotap_scale_t *scales, uint32_t count, int8_t *output)
{
    for (uint32_t i = 0; i < count; i++) {
        output[i] = (int8_t)((int32_t)zerotap_scaled_sum(sums[i], &scales[i], 16) >> 24);
    }
}
#endif
