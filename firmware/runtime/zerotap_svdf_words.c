/* SVDF's state of int16 after one step, and what the weights in time make of it.
 *
 * sums + offsets as zerotap_requantise takes them, their results in [-2^29, 2^29]; new states in [-2^15, 2^15). Sums of
 * the output wrap, as TFLite's do. Takes the same time for all values. */
#include "zerotap_svdf.h"

void zerotap_svdf_words(int32_t *sums, const zerotap_svdf_words_t *layer, int16_t *state)
{
    const int32_t *sum = sums, *offset = layer->offsets;
    const int16_t *weight = layer->time;
    for (int32_t unit = 0; unit < layer->units; unit++) {
        uint32_t total = (uint32_t)layer->bias[unit];
        for (int32_t filter = 0; filter < layer->rank; filter++) {
            const int32_t scaled = zerotap_requantise(*sum++ + *offset++, layer->multiplier, layer->shift);
            const int32_t value = -zerotap_larger(-zerotap_larger(scaled, -32768), -32767);
            for (int32_t step = 1; step < layer->memory; step++) {
                const int32_t next = state[1];
                *state++ = (int16_t)next;
                total += (uint32_t)(next * *weight++);
            }
            *state++ = (int16_t)value;
            total += (uint32_t)(value * *weight++);
        }
        sums[unit] = (int32_t)total;
    }
}
