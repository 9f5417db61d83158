/* Magnitudes of single tones, by Goertzel's recursion in Reinsch's form.
 *
 * input [length][channels] in [-2^15, 2^15), length in [8, 512], tones a bin away from both ends. With the fraction
 * that features/goertzel.py chooses |state| <= 2^30, |difference| < 2^31 and the power is below 2^62.
 * output [tones][channels] in [0, 2^24]. */
#include "zerotap_filter.h"
#include "zerotap_statistics.h"

static int32_t product(const zerotap_tone_t *tone, int32_t state)
{
    const int32_t shift = tone->exponent - 14;
    const int32_t mantissa = tone->mantissa;
    const int32_t whole = mantissa * (state >> 14) + (mantissa * (state & 0x3FFF) >> 14);
    return (whole + ((1 << shift) >> 1)) >> shift;
}

static int32_t magnitude(const int16_t *input, const zerotap_goertzel_t *layer, const zerotap_tone_t *tone)
{
    int32_t state = 0, before = 0, difference = 0;
    for (int32_t i = 0; i < layer->length; i++) {
        difference = tone->sign * (difference - product(tone, state)) + *input * (1 << tone->fraction);
        before = state;
        state = tone->sign * state + difference;
        input += layer->channels;
    }
    int64_t power = (int64_t)(tone->sign * product(tone, state)) * before;
    power += (int64_t)difference * difference;
    return (int32_t)(zerotap_square_root(power < 0 ? 0 : (uint64_t)power) >> tone->fraction);
}

int32_t zerotap_goertzel(const int16_t *input, const zerotap_goertzel_t *layer, int32_t *output)
{
    for (int32_t tone = 0; tone < layer->tones; tone++) {
        for (int32_t channel = 0; channel < layer->channels; channel++) {
            *output++ = magnitude(input + channel, layer, &layer->factors[tone]);
        }
    }
    return 1;
}
