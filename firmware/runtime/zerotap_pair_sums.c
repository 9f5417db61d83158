/* The sums of an output at two positions: what its function in straight line computes, in plain C.
 *
 * Words (second * 2^16) + first of activations in [-128, 127], weights in [-128, 127], up to 65535 inputs: no sum leaves
 * int32. */
#include "zerotap_straight.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_pair_sums(const int32_t *packed, const int8_t *weights, uint32_t inputs, int32_t *sums)
{
    sums[0] = sums[1] = 0;
    for (uint32_t i = 0; i < inputs; i++) {
        const int32_t first = (int16_t)packed[i];
        sums[0] += weights[i] * first;
        sums[1] += weights[i] * ((packed[i] - first) / 65536);
    }
}
#endif
