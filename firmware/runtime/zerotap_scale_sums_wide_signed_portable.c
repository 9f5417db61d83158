/* zerotap_scale_sums_wide_signed for anything but ARMv6-M. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_scale_sums_wide_signed(const int32_t *sums, const zerotap_signed_scale_t *scales, uint32_t shape, int8_t *output)
{
    const int32_t middle = (int32_t)(shape >> 16 << 16);
    for (uint32_t i = 0; i < (shape & 0xFFFF); i++) {
        const uint32_t scaled = zerotap_scaled_sum(sums[i], &scales[i].scale, 16);
        const uint32_t step = (int32_t)scaled < middle ? scales[i].step : 0;
        output[i] = (int8_t)((int32_t)(scaled - step) >> 24);
    }
}
#endif
