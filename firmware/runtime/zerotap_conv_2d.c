/* A convolution.
 *
 * input and weights in [-128, 127], input_zero_point in [-128, 127]; the exporter has proved that no sum leaves
 * int32. output in [output_min, output_max]. input and output must not overlap. */
#include "zerotap_runtime.h"

static int32_t dot(const int8_t *values, const int8_t *weights, int32_t count, int32_t zero_point)
{
    int32_t total = 0;
    for (int32_t i = 0; i < count; i++) {
        total += (values[i] - zero_point) * weights[i];
    }
    return total;
}

/* One row of the kernel; its first tap lies at column left. */
static int32_t row_sum(const int8_t *row, const zerotap_conv_2d_t *layer, const int8_t *weights, int32_t left)
{
    const zerotap_window_t *window = layer->window;
    int32_t total = 0;
    if (window->dilation_width == 1 && left >= 0 && left + window->kernel_width <= window->input_width) {
        return dot(row + left * window->input_channels, weights, window->kernel_width * window->input_channels,
                   layer->input_zero_point);
    }
    for (int32_t tap = 0; tap < window->kernel_width; tap++) {
        const int32_t column = left + tap * window->dilation_width;
        if (column >= 0 && column < window->input_width) {
            total += dot(row + column * window->input_channels, weights, window->input_channels,
                         layer->input_zero_point);
        }
        weights += window->input_channels;
    }
    return total;
}

static int32_t window_sum(const int8_t *input, const zerotap_conv_2d_t *layer, const int8_t *weights, int32_t top,
                          int32_t left)
{
    const zerotap_window_t *window = layer->window;
    int32_t total = 0;
    for (int32_t tap = 0; tap < window->kernel_height; tap++) {
        const int32_t line = top + tap * window->dilation_height;
        if (line >= 0 && line < window->input_height) {
            total += row_sum(input + line * window->input_width * window->input_channels, layer, weights, left);
        }
        weights += window->kernel_width * window->input_channels;
    }
    return total;
}

static int8_t *convolve_at(const int8_t *input, const zerotap_conv_2d_t *layer, int32_t top, int32_t left,
                           int8_t *output)
{
    const zerotap_window_t *window = layer->window;
    const int8_t *weights = layer->weights;
    for (int32_t o = 0; o < window->output_channels; o++) {
        const int32_t total = layer->bias[o] + window_sum(input, layer, weights, top, left);
        const int32_t scaled = zerotap_requantise(total, layer->multipliers[o], layer->shifts[o]);
        *output++ = zerotap_clamp(scaled + layer->output_zero_point, layer->output_min, layer->output_max);
        weights += window->kernel_height * window->kernel_width * window->input_channels;
    }
    return output;
}

void zerotap_conv_2d(const int8_t *input, const zerotap_conv_2d_t *layer, int8_t *output)
{
    const zerotap_window_t *window = layer->window;
    for (int32_t y = 0; y < window->output_height; y++) {
        for (int32_t x = 0; x < window->output_width; x++) {
            output = convolve_at(input, layer, y * window->stride_height - window->padding_height,
                                 x * window->stride_width - window->padding_width, output);
        }
    }
}
