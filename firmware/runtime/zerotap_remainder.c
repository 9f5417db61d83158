/* value modulo divisor by 32 shifts and subtractions: the core has no division.
 *
 * value in [0, 2^32), divisor in [1, 65536]; result in [0, divisor). */
#include "zerotap_text.h"

uint32_t zerotap_remainder(uint32_t value, uint32_t divisor)
{
    if ((divisor & (divisor - 1)) == 0) {
        return value & (divisor - 1);
    }
    uint32_t rest = 0;
    for (int32_t bit = 0; bit < 32; bit++) {
        rest = rest << 1 | value >> 31;
        value <<= 1;
        if (rest >= divisor) {
            rest -= divisor;
        }
    }
    return rest;
}
