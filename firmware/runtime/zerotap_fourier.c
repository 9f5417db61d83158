/* The bins of one channel of a window: normalise and weight, one pass of radix 4, passes of radix 2, split.
 *
 * Each pass shifts by 1 only where the one before it left a part outside of [-2^13, 2^13). */
#include "zerotap_spectrum.h"

int32_t zerotap_fourier(const int16_t *input, const zerotap_fourier_t *layer)
{
    int32_t exponent = zerotap_fourier_load(input, layer) + 2;
    uint32_t seen = zerotap_fourier_radix_4(layer->work, layer->half);
    int32_t shift;
    for (int32_t span = 4; span < layer->half; span *= 2) {
        shift = zerotap_growth(seen);
        seen = zerotap_fourier_radix_2(layer, span, shift);
        exponent += shift;
    }
    shift = zerotap_growth(seen);
    zerotap_fourier_split(layer, shift);
    return exponent + shift;
}
