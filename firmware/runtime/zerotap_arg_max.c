/* Where the largest value over the middle axis of [outer][reduced][inner] lies, the first of equals.
 *
 * input in [-128, 127], extents from 1; output in [0, reduced). The same time for all inputs. */
#include "zerotap_runtime.h"

static int32_t arg_max_at(const int8_t *input, int32_t reduced, int32_t inner)
{
    int32_t largest = *input, index = 0;
    for (int32_t i = 1; i < reduced; i++) {
        input += inner;
        const int32_t larger = zerotap_negative(largest - *input);
        largest += (*input - largest) & larger;
        index += (i - index) & larger;
    }
    return index;
}

void zerotap_arg_max(const int8_t *input, int32_t outer, int32_t reduced, int32_t inner, int32_t *output)
{
    for (int32_t o = 0; o < outer; o++) {
        for (int32_t i = 0; i < inner; i++) {
            *output++ = arg_max_at(input + i, reduced, inner);
        }
        input += reduced * inner;
    }
}
