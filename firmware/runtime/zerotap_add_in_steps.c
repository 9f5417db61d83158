/* Two tensors, element by element, by TFLite's own steps: ADD, SUB whose scales no linear form suits.
 *
 * operands and zero points in [-128, 127]; shifts of the operands in [-31, 0], of the output below 1; subtract 0 or -1.
 * output may be an operand that does not repeat. The same time for all inputs. */
#include "zerotap_pairs.h"

void zerotap_add_in_steps(const int8_t *first, const int8_t *second, const zerotap_add_in_steps_t *layer,
                          int8_t *output)
{
    const zerotap_pairs_t *pairs = &layer->pairs;
    for (int32_t outer = pairs->outer; outer != 0; outer--) {
        for (int32_t middle = pairs->middle; middle != 0; middle--) {
            for (const int8_t *end = output + pairs->inner; output != end; output++) {
                const int32_t centred_1 = (*first - layer->first_zero_point) * (1 << 20);
                const int32_t centred_2 = (*second - layer->second_zero_point) * (1 << 20);
                const int32_t scaled_1 = zerotap_requantise(centred_1, layer->first_multiplier, layer->first_shift);
                const int32_t scaled_2 = zerotap_requantise(centred_2, layer->second_multiplier, layer->second_shift);
                const int32_t sum = scaled_1 + ((scaled_2 ^ layer->subtract) - layer->subtract);
                const int32_t scaled = zerotap_requantise(sum, layer->output_multiplier, layer->output_shift);
                *output = zerotap_clamp(scaled + layer->output_zero_point, layer->output_min, layer->output_max);
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
