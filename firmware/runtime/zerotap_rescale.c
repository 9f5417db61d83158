/* One element at a time to another scale: RELU, RELU6, QUANTIZE.
 *
 * input and zero points in [-128, 127]; output in [output_min, output_max]. input and output may be the same. */
#include "zerotap_runtime.h"

void zerotap_rescale(const int8_t *input, const zerotap_rescale_t *layer, int8_t *output)
{
    for (int32_t i = 0; i < layer->size; i++) {
        const int32_t centred = input[i] - layer->input_zero_point;
        const int32_t scaled = zerotap_requantise(centred, layer->multiplier, layer->shift);
        output[i] = zerotap_clamp(scaled + layer->output_zero_point, layer->output_min, layer->output_max);
    }
}
