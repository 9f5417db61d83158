/* x * factor + (x * fraction >> bits) + offset mod 2^32, for x = sum - low clamped to [0, span].
 *
 * sum and low in [-2^30, 2^30); bits 14 (x below 2^18) or 16 (any x); fraction below 2^bits. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
uint32_t zerotap_scaled_sum(int32_t sum, const zerotap_scale_t *scale, uint32_t bits)
{
    const int32_t above = sum - scale->low;
    const uint32_t positive = (uint32_t)(above & ~(above >> 31));
    const uint32_t x = positive < scale->span ? positive : scale->span;
    const uint32_t high = x >> bits, low = x & ((1u << bits) - 1u);
    return x * scale->factor + high * scale->fraction + (low * scale->fraction >> bits) + scale->offset;
}
#endif
