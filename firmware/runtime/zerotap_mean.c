/* The mean over the middle axis, in another scale.
 *
 * input in [-128, 127], zero points in [-128, 127], reduced below 2^23; output in [-128, 127]. input and output must
 * not overlap. */
#include "zerotap_runtime.h"

static int8_t mean_at(const int8_t *input, const zerotap_mean_t *layer)
{
    int32_t total = 0;
    for (int32_t i = 0; i < layer->reduced; i++) {
        total += input[i * layer->inner] - layer->input_zero_point;
    }
    const int32_t scaled = zerotap_requantise(total, layer->multiplier, layer->shift);
    return zerotap_clamp(scaled + layer->output_zero_point, -128, 127);
}

void zerotap_mean(const int8_t *input, const zerotap_mean_t *layer, int8_t *output)
{
    for (int32_t outer = 0; outer < layer->outer; outer++) {
        for (int32_t inner = 0; inner < layer->inner; inner++) {
            *output++ = mean_at(input + inner, layer);
        }
        input += layer->reduced * layer->inner;
    }
}
