/* Samples normalised to 15 bits, weighted and put in bit-reversed order, two a word.
 *
 * input [2 * half][channels] in [-2^15, 2^15); work in [-2^14, 2^14]. Returns the exponent: bits of the largest
 * sample - 14. */
#include "zerotap_spectrum.h"

static uint32_t magnitude(int32_t value)
{
    return (uint32_t)(value ^ (value >> 31));
}

static int32_t bits_of(const int16_t *input, int32_t count, int32_t channels)
{
    uint32_t seen = 0;
    for (; count != 0; count -= 4) {
        seen |= magnitude(input[0]);
        seen |= magnitude(input[channels]);
        input += 2 * channels;
        seen |= magnitude(input[0]);
        seen |= magnitude(input[channels]);
        input += 2 * channels;
    }
    int32_t bits = 0;
    for (; seen != 0; seen >>= 1) {
        bits++;
    }
    return bits;
}

int32_t zerotap_fourier_load(const int16_t *input, const zerotap_fourier_t *layer)
{
    const int32_t channels = layer->channels;
    const int32_t bits = bits_of(input, 2 * layer->half, channels);
    const int32_t rounding = 1 << bits, shift = bits + 1;
    const uint16_t *window = layer->window;
    const uint8_t *place = layer->reversal;
    uint32_t *work = layer->work;
    for (const uint8_t *end = place + layer->half; place != end; place++) {
        const int32_t even = (input[0] * window[0] + rounding) >> shift;
        input += channels;
        const int32_t odd = (input[0] * window[1] + rounding) >> shift;
        input += channels;
        window += 2;
        work[*place] = zerotap_complex(even, odd);
    }
    return bits - 14;
}
