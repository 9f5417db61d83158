/* The mean of each window and channel over what lies inside of the input, halves away from zero. Takes the same time
 * for every input.
 *
 * input in [-128, 127]; output in [output_min, output_max]. input and output must not overlap; a window has less
 * than 2^23 positions. */
#include "zerotap_pooling.h"

/* |sum| <= 128 * count: eight steps of long division, each by a mask. */
static int32_t divide(int32_t sum, int32_t count)
{
    const int32_t negative = zerotap_mask(sum >> 31);
    int32_t rest = (sum ^ negative) - negative + (count >> 1);
    int32_t quotient = 0;
    for (int32_t bit = 7; bit >= 0; bit--) {
        rest -= count << bit;
        const int32_t below = zerotap_mask(rest >> 31);
        rest += (count << bit) & below;
        quotient += ((int32_t)1 << bit) & ~below;
    }
    return (quotient ^ negative) - negative;
}

void zerotap_average_pool_2d(const int8_t *input, const zerotap_average_pool_2d_t *average, int8_t *output)
{
    const zerotap_pool_2d_t *layer = average->pool;
    const int32_t channels = layer->channels;
    for (int32_t y = 0; y < layer->output_height; y++) {
        const zerotap_span_t lines =
            zerotap_span(y * layer->stride_height - layer->padding_height, layer->kernel_height, layer->input_height);
        for (int32_t x = 0; x < layer->output_width; x++) {
            const zerotap_span_t columns =
                zerotap_span(x * layer->stride_width - layer->padding_width, layer->kernel_width, layer->input_width);
            const int8_t *window = input + (lines.first * layer->input_width + columns.first) * channels;
            const int32_t gap = (layer->input_width - columns.count) * channels;
            const int32_t count = lines.count * columns.count;
            const int32_t multiplier = average->multipliers ? average->multipliers[count - average->fewest] : 0;
            for (int32_t channel = 0; channel < channels; channel++) {
                const int8_t *tap = window++;
                int32_t sum = 0;
                for (int32_t line = lines.count; line > 0; line--) {
                    for (int32_t column = columns.count; column > 0; column--) {
                        sum += *tap;
                        tap += channels;
                    }
                    tap += gap;
                }
                const int32_t mean = multiplier ? (sum * multiplier + (1 << 22)) >> 23 : divide(sum, count);
                const int32_t raised = zerotap_larger(mean, layer->output_min);
                *output++ = (int8_t)-zerotap_larger(-raised, -layer->output_max);
            }
        }
    }
}
