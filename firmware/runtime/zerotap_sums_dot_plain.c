/* Sums of products with dot pairs, in plain C: what zerotap_sums_dot and its forms with longer runs compute.
 *
 * Activations and weights in [-128, 127], a word of two weights wj + (wi << 16); no sum leaves int32 for fewer than 2^16
 * inputs in all: 65535 * 128 * 128 < 2^30. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
/* The second input of the word that begins with i, which is no input where i is the last one. */
static uint32_t partner(uint32_t i, uint32_t inputs)
{
    return i < (inputs & ~3u) ? i + 2 : i + 1;
}

void zerotap_sums_dot_plain(const int8_t *input, const int32_t *weights, int32_t *sums, uint32_t shape)
{
    const uint32_t inputs = shape & 0xFFFF, adds = (shape >> 16) & 1;
    for (uint32_t outputs = (shape >> 16) - adds; outputs != 0; outputs -= 4) {
        for (uint32_t lane = 0; lane < 4; lane++) {
            sums[lane] = adds ? sums[lane] : 0;
        }
        for (uint32_t word = 0; word < (inputs + 1) / 2; word++) {
            const uint32_t whole = 2 * word < (inputs & ~3u);
            const uint32_t i = 2 * word - (whole ? word & 1 : 0), j = partner(i, inputs);
            for (uint32_t lane = 0; lane < 4; lane++) {
                const int32_t pair = *weights++, second = (int16_t)pair;
                const int32_t first = (pair - second) >> 16;
                sums[lane] += first * input[i] + (j < inputs ? second * input[j] : 0);
            }
        }
        sums += 4;
    }
}
#endif
