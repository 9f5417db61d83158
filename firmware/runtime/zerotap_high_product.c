/* (a * b + 2^30) >> 31 from four products of halves: GCC's own 64-bit multiply has a branch on the factors.
 *
 * a and b in [-2^31, 2^31), not both -2^31; result in [-2^31, 2^31). */
#include "zerotap_runtime.h"

int32_t zerotap_high_product(int32_t a, int32_t b)
{
    const int32_t a_high = a >> 16, b_high = b >> 16; /* [-2^15, 2^15) */
    const int32_t a_low = a & 0xffff, b_low = b & 0xffff;
    const uint32_t low = (uint32_t)a_low * (uint32_t)b_low;
    const int32_t first = a_high * b_low + (int32_t)(low >> 16);
    const int32_t second = b_high * a_low + (first & 0xffff);
    const int32_t high = a_high * b_high + (first >> 16) + (second >> 16);
    /* Bits 31 and 30 of the product's lower word decide the rounding. */
    const uint32_t top = ((uint32_t)second >> 14) & 3u;
    return high * 2 + (int32_t)((top + 1u) >> 1);
}
