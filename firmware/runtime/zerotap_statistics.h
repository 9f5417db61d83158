/* Statistics of windows; features/statistics.py defines every value. Integers only; right shifts of negative numbers
 * are arithmetic. */
#ifndef ZEROTAP_STATISTICS_H
#define ZEROTAP_STATISTICS_H

#include "zerotap_runtime.h"

/* How the samples of a window lie in memory. */
enum { ZEROTAP_INT8, ZEROTAP_UINT8, ZEROTAP_INT16 };

/* input: [length][channels] of that kind; output: [channels][length]. */
void zerotap_channels(const void *input, int32_t kind, int32_t length, int32_t channels, int16_t *output);

/* length in [1, 65536]. */
int32_t zerotap_sum(const int16_t *values, int32_t length);
/* The sum of left[i] * right[i]; the two may be the same. */
int64_t zerotap_sum_products(const int16_t *left, const int16_t *right, int32_t length);
/* How often scale * values[i] < level changes; |scale * values[i]| below 2^31. */
int32_t zerotap_crossings(const int16_t *values, int32_t length, int32_t scale, int32_t level);
/* The sum of |values[i] - values[i - 1]|; length in [1, 2048]. */
int32_t zerotap_sum_differences(const int16_t *values, int32_t length);
/* The distance of the quartiles' bins; low and high are the least and the greatest of the values; length below 2^16. */
int32_t zerotap_interquartile(const int16_t *values, int32_t length, int32_t low, int32_t high);
/* floor(sqrt(value)) for value below 2^62. */
uint32_t zerotap_square_root(uint64_t value);
/* floor(2^14 * numerator / denominator), at most 2^14, and 0 for a denominator of 0; both below 2^62. */
int32_t zerotap_ratio(uint64_t numerator, uint64_t denominator);

/* In the order of features/statistics.py. */
enum {
    ZEROTAP_MEAN,
    ZEROTAP_DEVIATION,
    ZEROTAP_MIN,
    ZEROTAP_MAX,
    ZEROTAP_RANGE,
    ZEROTAP_RMS,
    ZEROTAP_ZERO_CROSSINGS,
    ZEROTAP_MEAN_CROSSINGS,
    ZEROTAP_ENERGY,
    ZEROTAP_INTERQUARTILE,
    ZEROTAP_CORRELATION,
    ZEROTAP_MEAN_ABSOLUTE_DIFFERENCE
};

/* What several statistics of one channel share: 16 * length * standard deviation is spread, or 0 if no
 * statistic needs it. */
typedef struct {
    int64_t squares;
    uint32_t spread;
    int32_t sum;
    int16_t low, high;
} zerotap_moments_t;

/* length in [2, 2048], channels in [1, 64]; 1 / length is multiplier * 2^-shift, multiplier in [2^30, 2^31). samples
 * has room for length * channels values, moments for one a channel. */
typedef struct {
    int32_t kind;
    int32_t length;
    int32_t channels;
    int32_t multiplier;
    int32_t shift;
    int32_t energy_shift;
    int32_t with_spread; /* whether one of the statistics is the deviation or the correlation: its root takes time */
    const uint8_t *statistics;
    int32_t count;
    int16_t *samples;
    zerotap_moments_t *moments;
} zerotap_statistics_t;

/* output: each statistic of each channel, and of each two channels for the correlation. Returns 1. */
int32_t zerotap_statistics(const void *window, const zerotap_statistics_t *layer, int32_t *output);

#endif
