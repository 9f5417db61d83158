/* A quotient in Q14, bit by bit: the core has no divide instruction.
 *
 * numerator and denominator below 2^62; the result in [0, 2^14], 0 for a denominator of 0. */
#include "zerotap_statistics.h"

enum { FRACTION_BITS = 14 };

int32_t zerotap_ratio(uint64_t numerator, uint64_t denominator)
{
    if (denominator == 0) {
        return 0;
    }
    uint64_t rest = numerator < denominator ? numerator : denominator;
    int32_t quotient = 0;
    for (int32_t bit = 0; bit <= FRACTION_BITS; bit++) {
        quotient <<= 1;
        if (rest >= denominator) {
            rest -= denominator;
            quotient++;
        }
        rest <<= 1;
    }
    return quotient;
}
