/* Sums by dot pairs, scaled to int8, in plain C: what zerotap_scale_dot_16 and its forms with longer runs compute.
 *
 * Activations and weights in [-128, 127], 4 to 128 inputs; sums that begin at -low within 2^30; spans below 2^18 and
 * fractions below 2^14. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
/* What is shifted right by 24 at last; scale: span, fraction, factor, offset. */
static uint32_t scaled(int32_t sum, const int32_t *scale)
{
    const int32_t positive = sum & ~(sum >> 31);
    const uint32_t x = (uint32_t)(positive < scale[0] ? positive : scale[0]);
    return x * (uint32_t)scale[2] + (x * (uint32_t)scale[1] >> 14) + (uint32_t)scale[3];
}

void zerotap_scale_dot_plain(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape, int32_t *sums)
{
    const uint32_t inputs = shape & 0xFFFF, words = (inputs + 1) / 2;
    for (uint32_t left = shape >> 18; left != 0;) {
        int32_t four[4];
        const uint32_t count = left < 4 ? left : 4;
        zerotap_sums_dot_plain(input, table + 4, four, 4u << 16 | inputs);
        for (uint32_t lane = 0; lane < 4; lane++) {
            four[lane] += table[lane];
            if (sums && (shape >> 17 & 1) && sums[lane] > four[lane]) {
                four[lane] = sums[lane];
            }
            if (sums && (shape >> 16 & 1)) {
                sums[lane] = four[lane];
            } else if (lane < count) {
                const uint32_t value = scaled(four[lane], table + 4 + 4 * (words + lane));
                output[lane] = (int8_t)((int32_t)value >> 24);
            }
        }
        table += 20 + 4 * words;
        output += count;
        sums = sums ? sums + 4 : sums;
        left -= count;
    }
}
#endif
