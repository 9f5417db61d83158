/* One rounding, halves away from zero, with 64-bit multipliers: for sums that no zerotap_scale_t and no 31-bit
 * multiplier rounds as TFLite does. Takes the same time for every value.
 *
 * |sum + bias| * 2^shift < 2^31 - 128, shift in [0, 30]; limits as in the header. */
#include "zerotap_runtime.h"

/* The upper word of a * b. */
static uint32_t upper(uint32_t a, uint32_t b)
{
    const uint32_t a_high = a >> 16, a_low = a & 0xffffu, b_high = b >> 16, b_low = b & 0xffffu;
    const uint32_t first = a_high * b_low + (a_low * b_low >> 16);
    const uint32_t second = a_low * b_high + (first & 0xffffu);
    return a_high * b_high + (first >> 16) + (second >> 16);
}

void zerotap_round_sums_once(const int32_t *sums, const zerotap_wide_scale_t *scales, uint32_t limits, int8_t *output)
{
    for (uint32_t i = 0; i < (limits >> 24 & 0x7fu); i++) {
        const int32_t sum = sums[i] + scales[i].bias;
        const uint32_t sign = (uint32_t)zerotap_mask(sum >> 31);
        const uint32_t size = (((uint32_t)sum ^ sign) - sign) << scales[i].shift;
        const uint32_t one = size * scales[i].high, other = upper(size, scales[i].low), middle = one + other;
        const uint32_t carry = ((one & other) | ((one | other) & ~middle)) >> 31;
        const uint32_t whole = upper(size, scales[i].high) + carry + (middle >> 31);
        output[i] = zerotap_clamp((int32_t)((whole ^ sign) - sign) + (int8_t)limits, (int8_t)(limits >> 8),
                                  (int8_t)(limits >> 16));
    }
}
