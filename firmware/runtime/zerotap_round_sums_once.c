/* Sums to int8 by TFLite's own arithmetic, rounded once.
 *
 * |sum + bias| * 2^max(shift, 0) < 2^31 - 128; see zerotap_requantise_once. */
#include "zerotap_runtime.h"

void zerotap_round_sums_once(const int32_t *sums, const zerotap_rounding_t *layer, uint32_t shape, int8_t *output)
{
    const uint32_t first = shape >> 16;
    for (uint32_t i = 0; i < (shape & 0xFFFF); i++) {
        const uint32_t o = first + i;
        const int32_t scaled = zerotap_requantise_once(sums[i] + layer->bias[o], layer->multipliers[o], layer->shifts[o]);
        output[i] = zerotap_clamp(scaled + layer->zero_point, layer->min, layer->max);
    }
}
