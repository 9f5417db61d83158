/* One element at a time through a table of 256: LOGISTIC, TANH.
 *
 * input in [-128, 127], table and output in [-128, 127]. input and output may be the same. */
#include "zerotap_runtime.h"

void zerotap_lookup(const int8_t *input, int32_t size, const int8_t *table, int8_t *output)
{
    for (int32_t i = 0; i < size; i++) {
        output[i] = table[input[i] + 128];
    }
}
