/* The interquartile range, to a bin: 32 bins of 2^shift from the least value on are counted, and the quartiles are
 * the bins of the order statistics length / 4 and length - 1 - length / 4.
 *
 * low and high are the least and the greatest of the values; length in [2, 65535]. */
#include "zerotap_statistics.h"

enum { BINS = 32 };

static int32_t bin_of_rank(const uint16_t *counts, int32_t rank)
{
    int32_t bin = 0;
    for (int32_t below = counts[0]; below <= rank; below += counts[bin]) {
        bin++;
    }
    return bin;
}

int32_t zerotap_interquartile(const int16_t *values, int32_t length, int32_t low, int32_t high)
{
    uint16_t counts[BINS];
    int32_t shift = 0;
    while ((high - low) >> shift >= BINS) {
        shift++;
    }
    for (int32_t bin = 0; bin < BINS; bin++) {
        counts[bin] = 0;
    }
    for (int32_t i = 0; i < length; i++) {
        counts[(values[i] - low) >> shift]++;
    }
    const int32_t first = length >> 2;
    return (bin_of_rank(counts, length - 1 - first) - bin_of_rank(counts, first)) << shift;
}
