/* A convolution of each channel by itself.
 *
 * input and weights in [-128, 127], input_zero_point in [-128, 127]; the exporter has proved that no sum leaves
 * int32. output in [output_min, output_max]. input and output must not overlap. */
#include "zerotap_runtime.h"

static int32_t channel_sum(const int8_t *input, const zerotap_depthwise_conv_2d_t *layer, int32_t top, int32_t left,
                           int32_t channel)
{
    const zerotap_window_t *window = layer->window;
    const int8_t *weights = layer->weights + channel;
    const int32_t source = channel / layer->depth_multiplier;
    int32_t total = 0;
    for (int32_t i = 0; i < window->kernel_height; i++) {
        const int32_t line = top + i * window->dilation_height;
        for (int32_t j = 0; j < window->kernel_width; j++) {
            const int32_t column = left + j * window->dilation_width;
            if (line >= 0 && line < window->input_height && column >= 0 && column < window->input_width) {
                const int32_t pixel = line * window->input_width + column;
                const int32_t value = input[pixel * window->input_channels + source];
                total += (value - layer->input_zero_point) * *weights;
            }
            weights += window->output_channels;
        }
    }
    return total;
}

static int8_t *convolve_at(const int8_t *input, const zerotap_depthwise_conv_2d_t *layer, int32_t top, int32_t left,
                           int8_t *output)
{
    for (int32_t o = 0; o < layer->window->output_channels; o++) {
        const int32_t total = layer->bias[o] + channel_sum(input, layer, top, left, o);
        const int32_t scaled = zerotap_requantise(total, layer->multipliers[o], layer->shifts[o]);
        *output++ = zerotap_clamp(scaled + layer->output_zero_point, layer->output_min, layer->output_max);
    }
    return output;
}

void zerotap_depthwise_conv_2d(const int8_t *input, const zerotap_depthwise_conv_2d_t *layer, int8_t *output)
{
    const zerotap_window_t *window = layer->window;
    for (int32_t y = 0; y < window->output_height; y++) {
        for (int32_t x = 0; x < window->output_width; x++) {
            output = convolve_at(input, layer, y * window->stride_height - window->padding_height,
                                 x * window->stride_width - window->padding_width, output);
        }
    }
}
