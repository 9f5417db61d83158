/* PRELU: the first tensor scaled, or where it is negative its product with the second one scaled.
 *
 * operands and zero points in [-128, 127]; a value << max(positive_shift, 0) and a product << max(negative_shift, 0)
 * must fit int32. output may be an operand that does not repeat. The same time for all inputs. */
#include "zerotap_pairs.h"

static int8_t scaled(int32_t value, int32_t slope, const zerotap_prelu_t *layer)
{
    const int32_t below = zerotap_negative(value);
    const int32_t factor = 1 + ((slope - 1) & below);
    const int32_t multipliers = layer->positive_multiplier ^ layer->negative_multiplier;
    const int32_t shifts = layer->positive_shift ^ layer->negative_shift;
    const int32_t multiplier = layer->positive_multiplier ^ (multipliers & below);
    const int32_t shift = layer->positive_shift ^ (shifts & below);
    const int32_t result = zerotap_requantise(value * factor, multiplier, shift) + layer->output_zero_point;
    return zerotap_clamp(result, -128, 127);
}

void zerotap_prelu(const int8_t *first, const int8_t *second, const zerotap_prelu_t *layer, int8_t *output)
{
    const zerotap_pairs_t *pairs = &layer->pairs;
    for (int32_t outer = pairs->outer; outer != 0; outer--) {
        for (int32_t middle = pairs->middle; middle != 0; middle--) {
            for (const int8_t *end = output + pairs->inner; output != end; output++) {
                *output = scaled(*first - layer->first_zero_point, *second - layer->second_zero_point, layer);
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
