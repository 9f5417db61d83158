/* The mean of each window and channel, halves away from zero, four channels at once. Takes the same time for every
 * input.
 *
 * input and output in [-128, 127], aligned to 4 bytes; they must not overlap. Every window lies inside of the input and
 * has at most 255 positions: a sum of as many q + 128 fits 16 bits. */
#include "zerotap_runtime.h"

void zerotap_average_pool_words(const int8_t *input, const zerotap_average_pool_words_t *average, int8_t *output)
{
    const zerotap_pool_words_t *layer = average->pool;
    const int32_t channels = layer->channels;
    const int32_t gap = layer->line_bytes - layer->kernel_width * channels;
    const uint32_t multiplier = average->multiplier, offset = average->offset;
    for (int32_t y = 0; y < layer->output_height; y++) {
        const int8_t *window = input + y * layer->row_bytes;
        for (int32_t x = 0; x < layer->output_width; x++) {
            for (int32_t channel = 0; channel < channels; channel += 4) {
                const int8_t *tap = window + channel;
                uint32_t even = 0, odd = 0;
                for (int32_t line = layer->kernel_height; line > 0; line--) {
                    for (int32_t column = layer->kernel_width; column > 0; column--) {
                        const uint32_t four = *(const zerotap_word_t *)(const void *)tap ^ 0x80808080u;
                        even += four & 0x00ff00ffu;
                        odd += (four >> 8) & 0x00ff00ffu;
                        tap += channels;
                    }
                    tap += gap;
                }
                output[0] = (int8_t)((int32_t)((even & 0xffffu) * multiplier + offset) >> 23);
                output[1] = (int8_t)((int32_t)((odd & 0xffffu) * multiplier + offset) >> 23);
                output[2] = (int8_t)((int32_t)((even >> 16) * multiplier + offset) >> 23);
                output[3] = (int8_t)((int32_t)((odd >> 16) * multiplier + offset) >> 23);
                output += 4;
            }
            window += layer->column_bytes;
        }
    }
}
