/* How often a signal crosses a level: level 0 and scale 1, or the sum and the length for the mean.
 *
 * |scale * values[i]| below 2^31. A value at the level counts as above. */
#include "zerotap_statistics.h"

int32_t zerotap_crossings(const int16_t *values, int32_t length, int32_t scale, int32_t level)
{
    int32_t count = 0;
    int32_t before = scale * values[0] < level;
    for (int32_t i = 1; i < length; i++) {
        const int32_t below = scale * values[i] < level;
        count += below ^ before;
        before = below;
    }
    return count;
}
