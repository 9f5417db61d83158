/* Runs of bytes from a table of offsets for each axis: MIRROR_PAD, RESIZE_NEAREST_NEIGHBOR.
 *
 * counts and run from 1; every sum of offsets lies in the source. source and target must not overlap. */
#include "zerotap_runtime.h"

void zerotap_take(const int8_t *source, const zerotap_take_t *take, int8_t *target)
{
    for (int32_t i = 0; i != take->outer_count; i++) {
        for (int32_t j = 0; j != take->middle_count; j++) {
            const int8_t *line = source + take->outer[i] + take->middle[j];
            for (int32_t k = 0; k != take->inner_count; k++) {
                const int8_t *from = line + take->inner[k];
                for (const int8_t *end = from + take->run; from != end;) {
                    *target++ = *from++;
                }
            }
        }
    }
}
