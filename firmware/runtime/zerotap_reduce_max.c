/* The largest value over the middle axis of [outer][reduced][inner].
 *
 * input and output in [-128, 127], extents from 1. input and output must not overlap. */
#include "zerotap_runtime.h"

static int8_t max_at(const int8_t *input, int32_t reduced, int32_t inner)
{
    int8_t largest = -128;
    for (int32_t i = 0; i < reduced; i++) {
        const int8_t value = input[i * inner];
        largest = value > largest ? value : largest;
    }
    return largest;
}

void zerotap_reduce_max(const int8_t *input, int32_t outer, int32_t reduced, int32_t inner, int8_t *output)
{
    for (int32_t o = 0; o < outer; o++) {
        for (int32_t i = 0; i < inner; i++) {
            *output++ = max_at(input + i, reduced, inner);
        }
        input += reduced * inner;
    }
}
