/* value * multiplier * 2^(shift - 31) with a single rounding, halves up. Takes the same time for every value.
 *
 * value * 2^max(shift, 0) in [-2^31, 2^31), multiplier in [0, 2^31), shift in [-31, 30]; result in [-2^31, 2^31). */
#include "zerotap_runtime.h"

/* From four products of halves: GCC's own 64-bit multiply has a branch on the factors. */
static int64_t product(int32_t a, int32_t b)
{
    const int32_t a_high = a >> 16, b_high = b >> 16; /* [-2^15, 2^15) */
    const int32_t a_low = a & 0xffff, b_low = b & 0xffff;
    const uint32_t low = (uint32_t)a_low * (uint32_t)b_low;
    const int32_t first = a_high * b_low + (int32_t)(low >> 16);
    const int32_t second = b_high * a_low + (first & 0xffff);
    const int32_t high = a_high * b_high + (first >> 16) + (second >> 16);
    return (int64_t)((uint64_t)(uint32_t)high << 32 | (uint32_t)second << 16 | (low & 0xffffu));
}

int32_t zerotap_requantise_once(int32_t value, int32_t multiplier, int32_t shift)
{
    const int32_t right = 31 - shift;
    return (int32_t)((product(value, multiplier) + ((int64_t)1 << (right - 1))) >> right);
}
