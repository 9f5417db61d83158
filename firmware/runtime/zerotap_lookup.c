/* One element at a time through a table of 256: LOGISTIC, TANH.
 *
 * input in [-128, 127], table and output in [-128, 127]; table[q] for q from 0 to 127, then for q from -128 to -1.
 * input and output may be the same. */
#include "zerotap_runtime.h"

void zerotap_lookup(const int8_t *input, int32_t size, const int8_t *table, int8_t *output)
{
    const int8_t *end = input + (size & ~3);
    while (input != end) {
        output[0] = table[(uint8_t)input[0]];
        output[1] = table[(uint8_t)input[1]];
        output[2] = table[(uint8_t)input[2]];
        output[3] = table[(uint8_t)input[3]];
        input += 4;
        output += 4;
    }
    for (int32_t i = 0; i < (size & 3); i++) {
        output[i] = table[(uint8_t)input[i]];
    }
}
