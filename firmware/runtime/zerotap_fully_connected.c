/* A dense layer.
 *
 * input and weights in [-128, 127], input_zero_point in [-128, 127]; the exporter has proved that no sum leaves
 * int32. output in [output_min, output_max]. */
#include "zerotap_runtime.h"

static int32_t sum(const int8_t *input, const int8_t *weights, int32_t inputs, int32_t zero_point)
{
    int32_t total = 0;
    for (int32_t i = 0; i < inputs; i++) {
        total += (input[i] - zero_point) * weights[i];
    }
    return total;
}

void zerotap_fully_connected(const int8_t *input, const zerotap_fully_connected_t *layer, int8_t *output)
{
    for (int32_t row = 0; row < layer->rows; row++) {
        const int8_t *weights = layer->weights;
        for (int32_t o = 0; o < layer->outputs; o++) {
            const int32_t total = layer->bias[o] + sum(input, weights, layer->inputs, layer->input_zero_point);
            const int32_t scaled = zerotap_requantise_once(total, layer->multipliers[o], layer->shifts[o]);
            *output++ = zerotap_clamp(scaled + layer->output_zero_point, layer->output_min, layer->output_max);
            weights += layer->inputs;
        }
        input += layer->inputs;
    }
}
