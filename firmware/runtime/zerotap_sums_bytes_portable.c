/* zerotap_sums_bytes for anything but ARMv6-M. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_sums_bytes(const int8_t *input, const int8_t *weights, int32_t *sums, uint32_t shape)
{
    for (uint32_t output = 0; output < shape >> 16; output += 4) {
        for (uint32_t lane = 0; lane < 4; lane++) {
            sums[lane] = 0;
        }
        for (uint32_t i = 0; i < (shape & 0xFFFF); i++) {
            for (uint32_t lane = 0; lane < 4; lane++) {
                sums[lane] += *weights++ * input[i];
            }
        }
        sums += 4;
    }
}
#endif
