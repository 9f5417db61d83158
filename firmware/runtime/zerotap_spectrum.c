/* Magnitudes of the bins of every channel, rounded down.
 *
 * real^2 + imaginary^2 below 2^31; output [half + 1][channels] in [0, 2^24]. */
#include "zerotap_spectrum.h"

int32_t zerotap_spectrum(const int16_t *input, const zerotap_fourier_t *layer, int32_t *output)
{
    for (int32_t channel = 0; channel < layer->channels; channel++) {
        const int32_t exponent = zerotap_fourier(input + channel, layer);
        const int32_t left = exponent < 0 ? 0 : exponent, right = left - exponent;
        int32_t *result = output + channel;
        for (int32_t bin = 0; bin <= layer->half; bin++) {
            const int32_t real = zerotap_real(layer->work[bin]), imaginary = zerotap_imaginary(layer->work[bin]);
            const uint32_t root = zerotap_magnitude((uint32_t)(real * real + imaginary * imaginary));
            *result = (int32_t)(root << left >> right);
            result += layer->channels;
        }
    }
    return 1;
}
