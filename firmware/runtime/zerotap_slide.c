/* Rows kept one behind the other make room for a new one: words of them move down by step bytes.
 *
 * rows aligned to 4 bytes, step a multiple of 4, words from 1. */
#include "zerotap_runtime.h"

void zerotap_slide(int8_t *rows, uint32_t step, uint32_t words)
{
    zerotap_word_t *target = (zerotap_word_t *)(void *)rows;
    const zerotap_word_t *source = (const zerotap_word_t *)(const void *)(rows + step);
    for (; words > 0; words--) {
        *target++ = *source++;
    }
}
