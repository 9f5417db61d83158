/* Maxima and means of windows. */
#ifndef ZEROTAP_POOLING_H
#define ZEROTAP_POOLING_H

#include "zerotap_runtime.h"

/* Windows of a pooling over [height][width][channels]; what lies outside of the input does not count. Strides and
 * kernels from 1, padding from 0; channels and widths below 2^16. */
typedef struct {
    int32_t input_height, input_width, channels;
    int32_t output_height, output_width;
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t padding_height, padding_width;
    int32_t output_min, output_max;
} zerotap_pool_2d_t;

void zerotap_max_pool_2d(const int8_t *input, const zerotap_pool_2d_t *layer, int8_t *output);

/* multipliers[n - fewest] divides a sum of n: (sum * multiplier + 2^22) >> 23 rounds every one as TFLite does. NULL
 * where windows are too large for that. */
typedef struct {
    const zerotap_pool_2d_t *pool;
    const int32_t *multipliers;
    int32_t fewest;
} zerotap_average_pool_2d_t;

void zerotap_average_pool_2d(const int8_t *input, const zerotap_average_pool_2d_t *layer, int8_t *output);

/* Part of one axis. */
typedef struct {
    int32_t first;
    int32_t count;
} zerotap_span_t;

/* What lies in [0, extent) of size positions from start, which may be negative. */
static inline zerotap_span_t zerotap_span(int32_t start, int32_t size, int32_t extent)
{
    const int32_t first = start > 0 ? start : 0;
    const int32_t end = start + size < extent ? start + size : extent;
    const zerotap_span_t span = {first, end - first};
    return span;
}

/* Windows that lie inside of the input, words of four channels: from one output row, or output column, or line of a
 * window to the next it is so many words. Kernel widths and words below 2^16; input and output aligned to 4 bytes. */
typedef struct {
    int32_t words;
    int32_t output_height, output_width;
    int32_t kernel_height, kernel_width;
    int32_t row_words, column_words, line_words;
} zerotap_pool_words_t;

/* For shape = words << 16 | taps, as many words of output: output[w] = the larger bytes of start[w] and of line[w],
 * line[w + words], ..., taps of them. taps from 0; output may be start. */
void zerotap_line_max(const zerotap_word_t *start, const zerotap_word_t *line, uint32_t shape, zerotap_word_t *output);

void zerotap_max_pool_words(const int8_t *input, const zerotap_pool_words_t *layer, int8_t *output);

/* With sums of q + 128: (sum * multiplier + offset) >> 23 for the windows' one size. */
typedef struct {
    zerotap_pool_words_t pool;
    uint32_t multiplier;
    uint32_t offset;
} zerotap_average_pool_words_t;

/* The means of one window, for each of its channels. */
void zerotap_window_means(const zerotap_word_t *window, const zerotap_average_pool_words_t *layer, int8_t *output);

void zerotap_average_pool_words(const int8_t *input, const zerotap_average_pool_words_t *layer, int8_t *output);

#endif
