/* log2 in Q8, bit by bit: the mantissa is squared, and where that is 2 or more the next bit is 1.
 *
 * value in [1, 2^53), the mantissa in [2^15, 2^16). */
#include "zerotap_spectrum.h"

enum { FRACTION_BITS = 8, MANTISSA_BITS = 15 };

int32_t zerotap_logarithm(uint64_t value)
{
    int32_t result = MANTISSA_BITS;
    for (; value >> (MANTISSA_BITS + 1) != 0; value >>= 1) {
        result++;
    }
    uint32_t mantissa = (uint32_t)value;
    for (; mantissa >> MANTISSA_BITS == 0; mantissa <<= 1) {
        result--;
    }
    for (int32_t bit = 0; bit < FRACTION_BITS; bit++) {
        mantissa = mantissa * mantissa >> MANTISSA_BITS;
        const uint32_t doubled = mantissa >> (MANTISSA_BITS + 1);
        mantissa >>= doubled;
        result = 2 * result + (int32_t)doubled;
    }
    return result;
}
