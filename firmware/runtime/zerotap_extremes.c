/* Two tensors, element by element: MAXIMUM, or MINIMUM where least is -1 and not 0.
 *
 * operands in [-128, 127]. output may be an operand that does not repeat. The same time for all inputs. */
#include "zerotap_pairs.h"

void zerotap_extremes(const int8_t *first, const int8_t *second, const zerotap_extremes_t *layer, int8_t *output)
{
    const zerotap_pairs_t *pairs = &layer->pairs;
    for (int32_t outer = pairs->outer; outer != 0; outer--) {
        for (int32_t middle = pairs->middle; middle != 0; middle--) {
            for (const int8_t *end = output + pairs->inner; output != end; output++) {
                const int32_t difference = *first - *second;
                *output = (int8_t)(*first - (difference & (zerotap_negative(difference) ^ layer->least)));
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
