/* The largest value of each window and channel, four channels at once. Takes the same time for every input.
 *
 * input and output in [-128, 127], aligned to 4 bytes; they must not overlap. Every window lies inside of the input. */
#include "zerotap_pooling.h"

void zerotap_max_pool_words(const int8_t *input, const zerotap_pool_words_t *layer, int8_t *output)
{
    const int32_t words = layer->words;
    const uint32_t shape = (uint32_t)words << 16 | (uint32_t)layer->kernel_width;
    const zerotap_word_t *row = (const zerotap_word_t *)(const void *)input;
    zerotap_word_t *target = (zerotap_word_t *)(void *)output;
    for (int32_t y = layer->output_height; y > 0; y--) {
        const zerotap_word_t *window = row;
        for (int32_t x = layer->output_width; x > 0; x--) {
            const zerotap_word_t *line = window;
            zerotap_line_max(line, line + words, shape - 1u, target);
            for (int32_t more = layer->kernel_height; more > 1; more--) {
                line += layer->line_words;
                zerotap_line_max(target, line, shape, target);
            }
            target += words;
            window += layer->column_words;
        }
        row += layer->row_words;
    }
}
