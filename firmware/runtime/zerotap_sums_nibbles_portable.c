/* zerotap_sums_nibbles for anything but ARMv6-M. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_sums_nibbles(const int8_t *input, const uint16_t *weights, int32_t *sums, uint32_t shape)
{
    for (uint32_t output = 0; output < shape >> 16; output += 4) {
        for (uint32_t lane = 0; lane < 4; lane++) {
            sums[lane] = 0;
        }
        for (uint32_t i = 0; i < (shape & 0xFFFF); i++) {
            const uint32_t four = *weights++;
            for (uint32_t lane = 0; lane < 4; lane++) {
                const int32_t bits = (int32_t)(four >> (4 * lane) & 15u);
                sums[lane] += ((bits ^ 8) - 8) * input[i];
            }
        }
        sums += 4;
    }
}
#endif
