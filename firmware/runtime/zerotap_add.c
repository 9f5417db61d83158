/* Two tensors, element by element: ADD, SUB.
 *
 * operands in [-128, 127]; no v = first * q1 + second * q2 + base, nor v + offset, leaves int32, shift in [0, 28],
 * low in [-128, 127], span from 0, low + span at most 127. output may be an operand that does not repeat. The same time for
 * all inputs. */
#include "zerotap_pairs.h"

void zerotap_add(const int8_t *first, const int8_t *second, const zerotap_add_t *layer, int8_t *output)
{
    const zerotap_pairs_t *pairs = &layer->pairs;
    const int32_t factor_1 = layer->first, factor_2 = layer->second;
    for (int32_t outer = pairs->outer; outer != 0; outer--) {
        for (int32_t middle = pairs->middle; middle != 0; middle--) {
            for (const int8_t *end = output + pairs->inner; output != end; output++) {
                const int32_t sum = factor_1 * *first + factor_2 * *second + layer->base;
                /* A half goes away from zero. */
                const int32_t above = (sum + (sum >> 31) + layer->offset) >> layer->shift;
                const int32_t positive = above & ~zerotap_negative(above);
                const int32_t excess = layer->span - positive;
                *output = (int8_t)(positive + (excess & zerotap_negative(excess)) + layer->low);
                first += pairs->first_inner;
                second += pairs->second_inner;
            }
            first += pairs->first_middle;
            second += pairs->second_middle;
        }
        first += pairs->first_outer;
        second += pairs->second_outer;
    }
}
