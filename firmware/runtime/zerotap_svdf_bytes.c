/* SVDF's state of int8 after one step, and what the weights in time make of it.
 *
 * sums + offsets as zerotap_requantise takes them, their results in [-2^29, 2^29]; zero_point in [-128, 127]. New states,
 * clamped without it, and sums of the output wrap, as TensorFlow Lite Micro's do. Takes the same time for all values. */
#include "zerotap_svdf.h"

void zerotap_svdf_bytes(int32_t *sums, const zerotap_svdf_bytes_t *layer, int8_t *state)
{
    const int32_t *sum = sums, *offset = layer->offsets;
    const int8_t *weight = layer->time;
    for (int32_t unit = 0; unit < layer->units; unit++) {
        uint32_t total = (uint32_t)layer->bias[unit];
        for (int32_t filter = 0; filter < layer->rank; filter++) {
            const int32_t scaled = zerotap_requantise(*sum++ + *offset++, layer->multiplier, layer->shift);
            const int32_t clamped = -zerotap_larger(-zerotap_larger(scaled, -128), -127);
            const int32_t value = ((clamped + layer->zero_point + 128) & 255) - 128;
            for (int32_t step = 1; step < layer->memory; step++) {
                const int32_t next = state[1];
                *state++ = (int8_t)next;
                total += (uint32_t)(next * *weight++);
            }
            *state++ = (int8_t)value;
            total += (uint32_t)(value * *weight++);
        }
        sums[unit] = (int32_t)total;
    }
}
