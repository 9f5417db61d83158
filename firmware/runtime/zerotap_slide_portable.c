/* zerotap_slide for anything but ARMv6-M. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_slide(int8_t *rows, uint32_t step, uint32_t words)
{
    zerotap_word_t *target = (zerotap_word_t *)(void *)rows;
    const zerotap_word_t *source = (const zerotap_word_t *)(const void *)(rows + step);
    for (; words > 0; words--) {
        *target++ = *source++;
    }
}
#endif
