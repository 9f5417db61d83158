/* TFLite's MultiplyByQuantizedMultiplier with two roundings. Takes the same time for every value.
 *
 * value * 2^max(shift, 0) in [-2^31, 2^31), multiplier in [0, 2^31), shift in [-31, 30]; result in [-2^31, 2^31). */
#include "zerotap_runtime.h"

int32_t zerotap_requantise(int32_t value, int32_t multiplier, int32_t shift)
{
    const int32_t left = shift & ~(shift >> 31);
    const int32_t right = -shift & (shift >> 31);
    /* Halves go up here (gemmlowp's truncating division with its nudge is this floor) ... */
    const int32_t high = zerotap_high_product(value * ((int32_t)1 << left), multiplier);
    /* ... and away from zero here. */
    const int32_t mask = (int32_t)(((uint32_t)1 << right) - 1u);
    const int32_t threshold = (mask >> 1) + (int32_t)((uint32_t)high >> 31);
    return (high >> right) + (int32_t)((uint32_t)(threshold - (high & mask)) >> 31);
}
