/* zerotap_scale_uniform for anything but ARMv6-M. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_scale_uniform(const int32_t *sums, const zerotap_signed_scale_t *scale, uint32_t shape, int8_t *output)
{
    const int32_t middle = (int32_t)(shape >> 16 << 16);
    for (uint32_t i = 0; i < (shape & 0xFFFF); i++) {
        const uint32_t scaled = zerotap_scaled_sum(sums[i], &scale->scale, 16);
        const uint32_t step = (int32_t)scaled < middle ? scale->step : 0;
        output[i] = (int8_t)((int32_t)(scaled - step) >> 24);
    }
}
#endif
