/* A window's samples as int16, one channel after the other.
 *
 * input [length][channels], aligned to its elements. */
#include "zerotap_statistics.h"

static int16_t sample(const void *input, int32_t kind, int32_t index)
{
    if (kind == ZEROTAP_INT16) {
        return ((const int16_t *)input)[index];
    }
    return kind == ZEROTAP_INT8 ? ((const int8_t *)input)[index] : ((const uint8_t *)input)[index];
}

void zerotap_channels(const void *input, int32_t kind, int32_t length, int32_t channels, int16_t *output)
{
    for (int32_t channel = 0; channel < channels; channel++) {
        for (int32_t i = 0; i < length; i++) {
            *output++ = sample(input, kind, i * channels + channel);
        }
    }
}
