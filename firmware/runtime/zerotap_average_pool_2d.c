/* The mean of each window and channel over what lies inside of the input, halves away from zero.
 *
 * input in [-128, 127]; output in [output_min, output_max]. input and output must not overlap; a window has less
 * than 2^23 positions. */
#include "zerotap_runtime.h"

static int32_t window_mean(const int8_t *input, const zerotap_window_t *window, int32_t top, int32_t left)
{
    int32_t total = 0;
    int32_t count = 0;
    for (int32_t line = top; line < top + window->kernel_height; line++) {
        for (int32_t column = left; column < left + window->kernel_width; column++) {
            if (line >= 0 && line < window->input_height && column >= 0 && column < window->input_width) {
                total += input[(line * window->input_width + column) * window->input_channels];
                count++;
            }
        }
    }
    return (total + (total > 0 ? count / 2 : -(count / 2))) / count;
}

void zerotap_average_pool_2d(const int8_t *input, const zerotap_pool_2d_t *layer, int8_t *output)
{
    const zerotap_window_t *window = layer->window;
    for (int32_t y = 0; y < window->output_height; y++) {
        const int32_t top = y * window->stride_height - window->padding_height;
        for (int32_t x = 0; x < window->output_width; x++) {
            const int32_t left = x * window->stride_width - window->padding_width;
            for (int32_t channel = 0; channel < window->output_channels; channel++) {
                const int32_t mean = window_mean(input + channel, window, top, left);
                *output++ = zerotap_clamp(mean, layer->output_min, layer->output_max);
            }
        }
    }
}
