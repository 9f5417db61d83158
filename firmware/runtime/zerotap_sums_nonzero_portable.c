/* zerotap_sums_nonzero for anything but ARMv6-M. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_sums_nonzero(const uint32_t *list, const int32_t *weights, int32_t *sums, uint32_t shape)
{
    for (uint32_t output = 0; output < shape >> 16; output += 4) {
        for (uint32_t lane = 0; lane < 4; lane++) {
            int32_t sum = weights[lane];
            for (uint32_t i = 1; i <= list[0]; i++) {
                const uint32_t four = (uint32_t)weights[4 + (list[i] >> 18)];
                sum += (int8_t)(uint8_t)(four >> (8 * lane)) * (int16_t)(uint16_t)list[i];
            }
            *sums++ = sum;
        }
        weights += 4 + (shape & 0xffffu);
    }
}
#endif
