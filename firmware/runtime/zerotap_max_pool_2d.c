/* The largest value of each window and channel. Takes the same time for every input.
 *
 * input in [-128, 127]; output in [output_min, output_max]. input and output must not overlap. */
#include "zerotap_pooling.h"

/* output = the largest of start and of taps positions from line, each channels bytes after the other. */
static __attribute__((noinline)) void line_max(const int8_t *start, const int8_t *line, uint32_t shape, int8_t *output)
{
    const uint32_t channels = shape >> 16, taps = shape & 0xffffu;
    const int8_t *end = output + channels;
    while (output != end) {
        const int8_t *tap = line++;
        int32_t largest = *start++;
        for (uint32_t left = taps; left != 0; left--) {
            largest = zerotap_larger(largest, *tap);
            tap += channels;
        }
        *output++ = (int8_t)largest;
    }
}

static void clamp(int8_t *output, const zerotap_pool_2d_t *layer)
{
    for (int32_t left = layer->output_height * layer->output_width * layer->channels; left > 0; left--) {
        const int32_t raised = zerotap_larger(*output, layer->output_min);
        *output++ = (int8_t)-zerotap_larger(-raised, -layer->output_max);
    }
}

void zerotap_max_pool_2d(const int8_t *input, const zerotap_pool_2d_t *layer, int8_t *output)
{
    const int32_t channels = layer->channels, line_bytes = layer->input_width * channels;
    int8_t *target = output;
    for (int32_t y = 0; y < layer->output_height; y++) {
        const zerotap_span_t lines =
            zerotap_span(y * layer->stride_height - layer->padding_height, layer->kernel_height, layer->input_height);
        for (int32_t x = 0; x < layer->output_width; x++) {
            const zerotap_span_t columns =
                zerotap_span(x * layer->stride_width - layer->padding_width, layer->kernel_width, layer->input_width);
            const int8_t *line = input + lines.first * line_bytes + columns.first * channels;
            const uint32_t shape = (uint32_t)channels << 16 | (uint32_t)columns.count;
            line_max(line, line + channels, shape - 1u, target);
            for (int32_t more = lines.count; more > 1; more--) {
                line += line_bytes;
                line_max(target, line, shape, target);
            }
            target += channels;
        }
    }
    if (layer->output_min > -128 || layer->output_max < 127) {
        clamp(output, layer);
    }
}
