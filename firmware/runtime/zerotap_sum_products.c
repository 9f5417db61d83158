/* The sum of products of int16 values: each lies in (-2^30, 2^30], so only the sum needs 64 bits. */
#include "zerotap_statistics.h"

int64_t zerotap_sum_products(const int16_t *left, const int16_t *right, int32_t length)
{
    int64_t sum = 0;
    for (int32_t i = 0; i < length; i++) {
        sum += (int32_t)left[i] * right[i];
    }
    return sum;
}
