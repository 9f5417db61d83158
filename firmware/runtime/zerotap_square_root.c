/* The integer square root, two bits of the value at a time; the same steps for every value.
 *
 * value below 2^62; the result is floor(sqrt(value)), below 2^31. */
#include "zerotap_statistics.h"

uint32_t zerotap_square_root(uint64_t value)
{
    uint64_t rest = value;
    uint64_t root = 0;
    for (uint64_t bit = (uint64_t)1 << 60; bit != 0; bit >>= 2) {
        const uint64_t step = root + bit;
        root >>= 1;
        if (rest >= step) {
            rest -= step;
            root += bit;
        }
    }
    return (uint32_t)root;
}
