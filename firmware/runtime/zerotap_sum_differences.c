/* The sum of the absolute differences of neighbours.
 *
 * values in [-32768, 32767], length in [1, 2048]: the sum stays below 2^27. */
#include "zerotap_statistics.h"

int32_t zerotap_sum_differences(const int16_t *values, int32_t length)
{
    int32_t sum = 0;
    for (int32_t i = 1; i < length; i++) {
        const int32_t step = values[i] - values[i - 1];
        sum += step < 0 ? -step : step;
    }
    return sum;
}
