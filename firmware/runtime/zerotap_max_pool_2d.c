/* The largest value of each window and channel. Takes the same time for every input.
 *
 * input in [-128, 127]; output in [output_min, output_max]. input and output must not overlap. */
#include "zerotap_runtime.h"

void zerotap_max_pool_2d(const int8_t *input, const zerotap_pool_2d_t *layer, int8_t *output)
{
    const int32_t channels = layer->channels;
    for (int32_t y = 0; y < layer->output_height; y++) {
        const zerotap_span_t lines =
            zerotap_span(y * layer->stride_height - layer->padding_height, layer->kernel_height, layer->input_height);
        for (int32_t x = 0; x < layer->output_width; x++) {
            const zerotap_span_t columns =
                zerotap_span(x * layer->stride_width - layer->padding_width, layer->kernel_width, layer->input_width);
            const int8_t *window = input + (lines.first * layer->input_width + columns.first) * channels;
            const int32_t gap = (layer->input_width - columns.count) * channels;
            for (int32_t channel = 0; channel < channels; channel++) {
                const int8_t *tap = window++;
                int32_t largest = layer->output_min;
                for (int32_t line = lines.count; line > 0; line--) {
                    for (int32_t column = columns.count; column > 0; column--) {
                        largest = zerotap_larger(largest, *tap);
                        tap += channels;
                    }
                    tap += gap;
                }
                *output++ = (int8_t)-zerotap_larger(-largest, -layer->output_max);
            }
        }
    }
}
