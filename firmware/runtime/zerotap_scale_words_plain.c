/* Rows of words of two inputs, scaled to int8, in plain C: what zerotap_scale_words and its form for pools compute.
 *
 * Activations and weights in [-128, 127]; sums that begin at -low within 2^30; spans below 2^18 and fractions below
 * 2^14. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
/* Neighbours share a word; of an odd number the first one is alone, above. */
static void make_words(const int8_t *input, uint32_t inputs, int32_t *words)
{
    if (inputs & 1) {
        *words++ = (int32_t)((uint32_t)*input++ << 16);
    }
    for (uint32_t left = inputs / 2; left != 0; left--) {
        *words++ = (int32_t)((uint32_t)input[0] + ((uint32_t)input[1] << 16));
        input += 2;
    }
}

/* Of one word of inputs and one of weights, which is (first << 16) + second. */
static int32_t products(int32_t inputs, int32_t weights)
{
    const int32_t below = (int16_t)inputs, second = (int16_t)weights;
    return below * ((weights - second) >> 16) + ((inputs - below) >> 16) * second;
}

static int32_t scaled(int32_t sum, const int32_t *scale)
{
    const int32_t positive = sum & ~(sum >> 31);
    const uint32_t x = (uint32_t)(positive < scale[0] ? positive : scale[0]);
    return (int32_t)(x * (uint32_t)scale[2] + (x * (uint32_t)scale[1] >> 14) + (uint32_t)scale[3]) >> 24;
}

void zerotap_scale_words_plain(const int8_t *input, const int32_t *table, int8_t *output, uint32_t shape, int32_t *words)
{
    const uint32_t count = ((shape & 0xFFFF) + 1) / 2, mode = shape >> 16 & 3;
    int32_t *largest = mode ? words : 0;
    if (!mode) {
        make_words(input, shape & 0xFFFF, words);
        input = (const int8_t *)words;
    }
    for (uint32_t left = shape >> 18; left != 0;) {
        const uint32_t lanes = left < 4 ? left : 4;
        for (uint32_t lane = 0; lane < 4; lane++) {
            int32_t sum = table[lane];
            for (uint32_t word = 0; word < count; word++) {
                sum += products(((const int32_t *)(const void *)input)[word], table[4 + 4 * word + lane]);
            }
            if (largest && (mode & 2) && largest[lane] > sum) {
                sum = largest[lane];
            }
            if (mode & 1) {
                largest[lane] = sum;
            } else if (lane + lanes >= 4) {
                *output++ = (int8_t)scaled(sum, table + 4 + 4 * (count + lane + lanes - 4));
            }
        }
        table += 4 + 4 * count + 4 * lanes;
        largest = largest ? largest + 4 : largest;
        left -= lanes;
    }
}
#endif
