/* Two tensors, element by element: MUL.
 *
 * operands and zero points in [-128, 127]; with x = product - low, clamped to [0, span] below 2^18, the output is
 * (x * factor + (x * fraction >> 14) + offset) >> 24, of which step comes off first where it is below the middle.
 * output may be an operand that does not repeat. The same time for all inputs. */
#include "zerotap_pairs.h"

static int8_t scaled(int32_t product, const zerotap_multiply_t *layer)
{
    const int32_t above = product - layer->low;
    const int32_t positive = above & ~zerotap_negative(above);
    const int32_t excess = layer->span - positive;
    const uint32_t x = (uint32_t)(positive + (excess & zerotap_negative(excess)));
    const int32_t sum = (int32_t)(x * layer->factor + (x * layer->fraction >> 14) + layer->offset);
    /* Half of it, so that the difference fits. */
    const int32_t below = (sum >> 1) - layer->half_middle;
    return (int8_t)((sum - (layer->step & zerotap_negative(below))) >> 24);
}

void zerotap_multiply(const int8_t *first, const int8_t *second, const zerotap_multiply_t *layer, int8_t *output)
{
    const zerotap_pairs_t *pairs = &layer->pairs;
    for (int32_t outer = pairs->outer; outer != 0; outer--) {
        for (int32_t middle = pairs->middle; middle != 0; middle--) {
            for (const int8_t *end = output + pairs->inner; output != end; output++) {
                const int32_t centred_1 = *first - layer->first_zero_point;
                const int32_t centred_2 = *second - layer->second_zero_point;
                *output = scaled(centred_1 * centred_2, layer);
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
