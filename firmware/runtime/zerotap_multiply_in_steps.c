/* Two tensors, element by element, by TFLite's own steps: MUL whose products no one scale suits.
 *
 * operands and zero points in [-128, 127]; (product << max(output_shift, 0)) must fit int32. output may be an operand
 * that does not repeat. The same time for all inputs. */
#include "zerotap_pairs.h"

void zerotap_multiply_in_steps(const int8_t *first, const int8_t *second, const zerotap_multiply_in_steps_t *layer,
                               int8_t *output)
{
    const zerotap_pairs_t *pairs = &layer->pairs;
    for (int32_t outer = pairs->outer; outer != 0; outer--) {
        for (int32_t middle = pairs->middle; middle != 0; middle--) {
            for (const int8_t *end = output + pairs->inner; output != end; output++) {
                const int32_t product = (*first - layer->first_zero_point) * (*second - layer->second_zero_point);
                const int32_t scaled = zerotap_requantise(product, layer->output_multiplier, layer->output_shift);
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
