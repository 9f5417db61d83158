/* The logarithm of the power in bands of the spectrum of every channel.
 *
 * Power of a bin below 2^31, of 257 of them below 2^40; output in [0, 12300]. */
#include "zerotap_spectrum.h"

static int16_t log_power(const uint32_t *bin, const uint32_t *end, int32_t exponent)
{
    uint64_t power = 0;
    for (; bin != end; bin++) {
        const int32_t real = zerotap_real(*bin), imaginary = zerotap_imaginary(*bin);
        power += (uint32_t)(real * real + imaginary * imaginary);
    }
    if (power == 0) {
        return 0;
    }
    const int32_t result = zerotap_logarithm(power) + 512 * exponent;
    return (int16_t)(result < 0 ? 0 : result);
}

int32_t zerotap_log_bands(const int16_t *input, const zerotap_fourier_t *layer, const uint16_t *edges, int32_t bands,
                          int16_t *output)
{
    for (int32_t channel = 0; channel < layer->channels; channel++) {
        const int32_t exponent = zerotap_fourier(input + channel, layer);
        for (int32_t band = 0; band < bands; band++) {
            output[band * layer->channels + channel] =
                log_power(layer->work + edges[band], layer->work + edges[band + 1], exponent);
        }
    }
    return 1;
}
