/* The sum of int16 values; length in [1, 65536], so that int32 holds it. */
#include "zerotap_statistics.h"

int32_t zerotap_sum(const int16_t *values, int32_t length)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < length; i++) {
        sum += values[i];
    }
    return sum;
}
