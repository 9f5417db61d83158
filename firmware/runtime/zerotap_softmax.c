/* Softmax over rows of depth logits. Takes the same time for all logits.
 *
 * input in [-128, 127], depth in [1, 511], exp in [0, 2^31), falling; output in [-128, 127]. input and output may be
 * the same. */
#include "zerotap_runtime.h"

static int32_t row_max(const int8_t *input, int32_t depth)
{
    int32_t largest = -128;
    for (int32_t i = 0; i < depth; i++) {
        largest = zerotap_larger(largest, input[i]);
    }
    return largest;
}

/* The exp of a logit; beyond the table's last entry, which is then 0, all are 0. */
static int32_t exp_of(const zerotap_softmax_t *layer, int32_t difference)
{
    return layer->exp[-zerotap_larger(-difference, -layer->last)];
}

static void softmax_row(const int8_t *input, const zerotap_softmax_t *layer, int8_t *output)
{
    const int32_t largest = row_max(input, layer->depth);
    int32_t sum = 0; /* Q12.19 */
    for (int32_t i = 0; i < layer->depth; i++) {
        sum += ((exp_of(layer, largest - input[i]) >> 11) + 1) >> 1;
    }
    int32_t power;
    const int32_t factor = zerotap_reciprocal(sum, &power);
    const int32_t shift = power + 31 - 8; /* [23, 31], as sum >= exp(0) = 2^19 and depth < 512 */
    const uint32_t half = (uint32_t)1 << (shift - 1);
    for (int32_t i = 0; i < layer->depth; i++) {
        const uint32_t product = (uint32_t)zerotap_high_product(exp_of(layer, largest - input[i]), factor);
        const uint32_t scaled = (product + half) >> shift; /* [0, 256] */
        output[i] = (int8_t)((int32_t)(scaled - (scaled >> 8)) - 128);
    }
}

void zerotap_softmax(const int8_t *input, const zerotap_softmax_t *layer, int8_t *output)
{
    for (int32_t row = 0; row < layer->rows; row++) {
        softmax_row(input, layer, output);
        input += layer->depth;
        output += layer->depth;
    }
}
