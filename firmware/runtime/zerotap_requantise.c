/* TFLite's MultiplyByQuantizedMultiplier with two roundings.
 *
 * value * 2^max(shift, 0) in [-2^31, 2^31), multiplier in [0, 2^31), shift in [-31, 30]; result in [-2^31, 2^31). */
#include "zerotap_runtime.h"

int32_t zerotap_requantise(int32_t value, int32_t multiplier, int32_t shift)
{
    const int32_t left = shift > 0 ? shift : 0;
    const int32_t right = shift > 0 ? 0 : -shift;
    const int64_t product = (int64_t)value * ((int32_t)1 << left) * multiplier;
    /* Halves go up here (gemmlowp's truncating division with its nudge is this floor) ... */
    const int32_t high = (int32_t)((product + ((int64_t)1 << 30)) >> 31);
    /* ... and away from zero here. */
    const int32_t mask = (int32_t)(((uint32_t)1 << right) - 1u);
    const int32_t threshold = (mask >> 1) + (high < 0);
    return (high >> right) + ((high & mask) > threshold);
}
