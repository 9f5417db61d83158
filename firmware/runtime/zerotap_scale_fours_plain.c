/* Rows of words of inputs 0 and 2, then 1 and 3, of every four, in plain C: what zerotap_scale_fours_2 and its forms compute.
 *
 * A multiple of four inputs; ranges as for zerotap_scale_words_plain. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_scale_fours_plain(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape, int32_t *words)
{
    const uint32_t is_ready = 2u << 16;
    if (!(shape & is_ready)) {
        for (uint32_t i = 0; i < (shape & 0xFFFF); i += 4) {
            words[i / 2] = (int32_t)((uint32_t)input[i] + ((uint32_t)input[i + 2] << 16));
            words[i / 2 + 1] = (int32_t)((uint32_t)input[i + 1] + ((uint32_t)input[i + 3] << 16));
        }
        input = (const int8_t *)words;
    }
    zerotap_scale_words_plain(input, table, output, shape | is_ready, 0);
}
#endif
