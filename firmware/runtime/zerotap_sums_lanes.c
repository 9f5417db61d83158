/* Sums of products with two-lane weights, in plain C: what zerotap_sums_2, _4 and _8 compute.
 *
 * Activations in [-128, 127], weights in [-127, 127], a word (w1 << 16) + w0; inputs and outputs up to 65535,
 * outputs a multiple of 4. No sum leaves int32: 65535 * 128 * 127 < 2^30. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_sums_lanes(const int8_t *input, const int32_t *weights, int32_t *sums, uint32_t shape)
{
    const uint32_t inputs = shape & 0xFFFF;
    for (uint32_t outputs = shape >> 16; outputs != 0; outputs -= 4) {
        for (uint32_t lane = 0; lane < 4; lane++) {
            sums[lane] = 0;
        }
        for (uint32_t i = 0; i < inputs; i++) {
            for (uint32_t lane = 0; lane < 4; lane += 2) {
                const int32_t word = *weights++;
                const int32_t low = (int16_t)word;
                sums[lane] += low * input[i];
                sums[lane + 1] += ((word - low) >> 16) * input[i];
            }
        }
        sums += 4;
    }
}
#endif
