/* zerotap_window_means for anything but ARMv6-M. */
#include "zerotap_pooling.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
static int8_t mean(const zerotap_average_pool_words_t *layer, uint32_t sum)
{
    return (int8_t)((int32_t)(sum * layer->multiplier + layer->offset) >> 23);
}

void zerotap_window_means(const zerotap_word_t *window, const zerotap_average_pool_words_t *layer, int8_t *output)
{
    const zerotap_pool_words_t *pool = &layer->pool;
    const int32_t gap = pool->line_words - pool->kernel_width * pool->words;
    for (int32_t word = 0; word < pool->words; word++) {
        const zerotap_word_t *tap = window + word;
        uint32_t even = 0, odd = 0;
        for (int32_t line = pool->kernel_height; line > 0; line--) {
            for (int32_t column = pool->kernel_width; column > 0; column--) {
                const uint32_t four = *tap ^ 0x80808080u;
                even += four & 0x00ff00ffu;
                odd += (four >> 8) & 0x00ff00ffu;
                tap += pool->words;
            }
            tap += gap;
        }
        *output++ = mean(layer, even & 0xffffu);
        *output++ = mean(layer, odd & 0xffffu);
        *output++ = mean(layer, even >> 16);
        *output++ = mean(layer, odd >> 16);
    }
}
#endif
