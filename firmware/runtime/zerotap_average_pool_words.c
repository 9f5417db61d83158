/* The mean of each window and channel, halves away from zero, four channels at once. Takes the same time for every
 * input.
 *
 * input and output in [-128, 127], aligned to 4 bytes; they must not overlap. Every window lies inside of the input and
 * has at most 255 positions: a sum of as many q + 128 fits 16 bits. */
#include "zerotap_pooling.h"

void zerotap_average_pool_words(const int8_t *input, const zerotap_average_pool_words_t *layer, int8_t *output)
{
    const zerotap_pool_words_t *pool = &layer->pool;
    const zerotap_word_t *row = (const zerotap_word_t *)(const void *)input;
    for (int32_t y = pool->output_height; y > 0; y--) {
        const zerotap_word_t *window = row;
        for (int32_t x = pool->output_width; x > 0; x--) {
            zerotap_window_means(window, layer, output);
            output += 4 * pool->words;
            window += pool->column_words;
        }
        row += pool->row_words;
    }
}
