/* The largest value of each window and channel, four channels at once. Takes the same time for every input.
 *
 * input and output in [-128, 127], aligned to 4 bytes; they must not overlap. Every window lies inside of the input. */
#include "zerotap_runtime.h"

/* The larger of each of four signed bytes. */
static inline uint32_t larger(uint32_t a, uint32_t b)
{
    const uint32_t sign = 0x80808080u;
    const uint32_t differ = a ^ b;
    const uint32_t low = (a | sign) - (b & ~sign); /* bit 7 of a byte: its lower 7 bits are not below b's */
    /* Where the signs differ, the positive one is larger. */
    const uint32_t first = (low ^ ((b ^ low) & differ)) & sign;
    return b ^ (differ & ((first >> 7) * 255u));
}

void zerotap_max_pool_words(const int8_t *input, const zerotap_pool_words_t *layer, int8_t *output)
{
    const int32_t channels = layer->channels;
    const int32_t next_line = layer->line_bytes - (layer->kernel_width - 1) * channels;
    zerotap_word_t *target = (zerotap_word_t *)(void *)output;
    for (int32_t y = 0; y < layer->output_height; y++) {
        const int8_t *window = input + y * layer->row_bytes;
        for (int32_t x = 0; x < layer->output_width; x++) {
            for (int32_t channel = 0; channel < channels; channel += 4) {
                const int8_t *tap = window + channel;
                uint32_t largest = *(const zerotap_word_t *)(const void *)tap;
                for (int32_t line = layer->kernel_height;;) {
                    for (int32_t column = layer->kernel_width; column > 1; column--) {
                        tap += channels;
                        largest = larger(largest, *(const zerotap_word_t *)(const void *)tap);
                    }
                    if (--line == 0) {
                        break;
                    }
                    tap += next_line;
                    largest = larger(largest, *(const zerotap_word_t *)(const void *)tap);
                }
                *target++ = largest;
            }
            window += layer->column_bytes;
        }
    }
}
