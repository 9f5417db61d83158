/* zerotap_line_max for anything but ARMv6-M. */
#include "zerotap_pooling.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
/* The larger of each of four signed bytes. */
static inline uint32_t larger(uint32_t a, uint32_t b)
{
    const uint32_t sign = 0x80808080u;
    const uint32_t differ = a ^ b;
    const uint32_t low = (a | sign) - (b & ~sign); /* bit 7 of a byte: a's lower 7 bits are not below b's */
    /* Where the signs differ, the positive one is larger. */
    const uint32_t first = (low ^ ((b ^ low) & differ)) & sign;
    return a ^ (differ & ~((first << 1) - (first >> 7)));
}

void zerotap_line_max(const zerotap_word_t *start, const zerotap_word_t *line, uint32_t shape, zerotap_word_t *output)
{
    const uint32_t words = shape >> 16, taps = shape & 0xffffu;
    const zerotap_word_t *end = output + words;
    while (output != end) {
        const zerotap_word_t *tap = line++;
        uint32_t largest = *start++;
        for (uint32_t left = taps; left != 0; left--) {
            largest = larger(largest, *tap);
            tap += words;
        }
        *output++ = largest;
    }
}
#endif
