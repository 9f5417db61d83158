/* zerotap_depthwise_sums for anything but ARMv6-M. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_depthwise_sums(const int8_t *input, const int8_t *weights, int32_t *sums, uint32_t shape)
{
    const uint32_t channels = shape >> 16;
    for (uint32_t channel = 0; channel < channels; channel++) {
        sums[channel] = 0;
        for (uint32_t i = channel; i < channels * (shape & 0xFFFF); i += channels) {
            sums[channel] += weights[i] * input[i];
        }
    }
}
#endif
