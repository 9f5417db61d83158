/* RESIZE_BILINEAR: (first * (1024 - fraction) + second * fraction) along columns, then along rows, over 2^20.
 *
 * counts and channels from 1; fractions in [0, 1024]; codes in [-128, 127], so that no sum leaves [-2^27, 2^27].
 * input and output must not overlap. The same time for all inputs. */
#include "zerotap_runtime.h"

void zerotap_resize_bilinear(const int8_t *input, const zerotap_resize_t *layer, int8_t *output)
{
    const zerotap_mix_t *row = layer->rows;
    for (int32_t i = layer->row_count; i != 0; i--, row++) {
        const zerotap_mix_t *column = layer->columns;
        for (int32_t j = layer->column_count; j != 0; j--, column++) {
            const int8_t *above = input + row->first, *below = input + row->second;
            for (int32_t k = layer->channels; k != 0; k--, above++, below++) {
                const int32_t right = column->fraction, lower = row->fraction;
                const int32_t upper = above[column->first] * (1024 - right) + above[column->second] * right;
                const int32_t under = below[column->first] * (1024 - right) + below[column->second] * right;
                const int32_t sum = upper * (1024 - lower) + under * lower;
                /* Halves away from zero. */
                *output++ = (int8_t)((sum + (1 << 19) + zerotap_negative(sum)) >> 20);
            }
        }
    }
}
