/* One rounding of sum * scale in double precision, halves away from zero, in integers: for sums that no
 * zerotap_scale_t and no 31-bit multiplier rounds as TFLite does. Takes the same time for every value.
 *
 * |sum + bias| * 2^max(shift, 0) < 2^31 - 128, high * 2^32 + low = scale * 2^(64 - shift), of 53 bits, shift in
 * [-31, 30]; limits as in the header. */
#include "zerotap_runtime.h"

/* The upper word of a * b. */
static uint32_t upper(uint32_t a, uint32_t b)
{
    const uint32_t a_high = a >> 16, a_low = a & 0xffffu, b_high = b >> 16, b_low = b & 0xffffu;
    const uint32_t first = a_high * b_low + (a_low * b_low >> 16);
    const uint32_t second = a_low * b_high + (first & 0xffffu);
    return a_high * b_high + (first >> 16) + (second >> 16);
}

/* 1 if one + other, of which sum is what 32 bits hold, has a bit more. */
static uint32_t carry(uint32_t one, uint32_t other, uint32_t sum)
{
    return ((one & other) | ((one | other) & ~sum)) >> 31;
}

/* Half a unit of the last of 53 bits, in 2^-64: 2^11 times the largest power of two in whole + part / 2^32. What is that
 * far below a half is a half in double precision. What is below 2^-11 or beyond 2^20 is right without it. */
static uint32_t half_unit(uint32_t whole, uint32_t part)
{
    uint32_t bits = whole << 11 | part >> 21;
    bits |= bits >> 1;
    bits |= bits >> 2;
    bits |= bits >> 4;
    bits |= bits >> 8;
    bits |= bits >> 16;
    return bits - (bits >> 1);
}

/* size * scale, rounded to 53 bits, then to a whole number. */
static uint32_t rounded(uint32_t size, const zerotap_wide_scale_t *scale)
{
    const uint32_t left = (uint32_t)(scale->shift & ~(scale->shift >> 31));
    const uint32_t right = (uint32_t)(-scale->shift & (scale->shift >> 31));
    const uint32_t shifted = size << left, one = shifted * scale->high, other = upper(shifted, scale->low);
    const uint32_t middle = one + other, high = upper(shifted, scale->high) + carry(one, other, middle);
    const uint32_t part = middle >> right | (high << 1) << (31u - right), whole = high >> right;
    const uint32_t last = (shifted * scale->low) >> right | (middle << 1) << (31u - right);
    const uint32_t unit = half_unit(whole, part), more = carry(last, unit, last + unit), lifted = part + more;
    return whole + carry(part, more, lifted) + (lifted >> 31);
}

void zerotap_round_sums_once(const int32_t *sums, const zerotap_wide_scale_t *scales, uint32_t limits, int8_t *output)
{
    for (uint32_t i = 0; i < (limits >> 24 & 0x7fu); i++) {
        const int32_t sum = sums[i] + scales[i].bias;
        const uint32_t sign = (uint32_t)zerotap_mask(sum >> 31);
        const uint32_t whole = rounded(((uint32_t)sum ^ sign) - sign, &scales[i]);
        output[i] = zerotap_clamp((int32_t)((whole ^ sign) - sign) + (int8_t)limits, (int8_t)(limits >> 8),
                                  (int8_t)(limits >> 16));
    }
}
