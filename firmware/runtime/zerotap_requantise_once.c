/* value * multiplier * 2^(shift - 31) with a single rounding, halves up.
 *
 * value * 2^max(shift, 0) in [-2^31, 2^31), multiplier in [0, 2^31), shift in [-31, 30]; result in [-2^31, 2^31). */
#include "zerotap_runtime.h"

int32_t zerotap_requantise_once(int32_t value, int32_t multiplier, int32_t shift)
{
    const int32_t right = 31 - shift;
    return (int32_t)(((int64_t)value * multiplier + ((int64_t)1 << (right - 1))) >> right);
}
