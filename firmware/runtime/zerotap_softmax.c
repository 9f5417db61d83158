/* Softmax over rows of depth logits.
 *
 * input in [-128, 127], depth in [1, 4095], exp in [0, 2^31); output in [-128, 127]. input and output may be the
 * same. */
#include "zerotap_runtime.h"

typedef struct {
    const int32_t *values;
    int32_t size;
} table_t;

static int32_t exp_of(const table_t *table, int32_t difference)
{
    return difference < table->size ? table->values[difference] : 0;
}

static int32_t row_max(const int8_t *input, int32_t depth)
{
    int32_t largest = -128;
    for (int32_t i = 0; i < depth; i++) {
        largest = input[i] > largest ? input[i] : largest;
    }
    return largest;
}

static void softmax_row(const int8_t *input, int32_t depth, const table_t *table, int8_t *output)
{
    const int32_t largest = row_max(input, depth);
    int32_t sum = 0; /* Q12.19 */
    for (int32_t i = 0; i < depth; i++) {
        const int32_t value = exp_of(table, largest - input[i]);
        sum += (value >> 12) + ((value >> 11) & 1);
    }
    int32_t power;
    const int32_t factor = zerotap_reciprocal(sum, &power);
    for (int32_t i = 0; i < depth; i++) {
        const int32_t scaled = zerotap_requantise(exp_of(table, largest - input[i]), factor, -(power + 31 - 8));
        output[i] = zerotap_clamp(scaled - 128, -128, 127);
    }
}

void zerotap_softmax(const int8_t *input, int32_t rows, int32_t depth, const int32_t *exp, int32_t table_size,
                     int8_t *output)
{
    const table_t table = {exp, table_size};
    for (int32_t row = 0; row < rows; row++) {
        softmax_row(input + row * depth, depth, &table, output + row * depth);
    }
}
