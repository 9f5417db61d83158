/* Spectra of real int16 samples in block floating point; features/fourier.py defines every value and its range.
 * Integers only; right shifts of negative numbers are arithmetic.
 *
 * A complex number is a word: the real part in its low half, the imaginary part in its high half, both int16. */
#ifndef ZEROTAP_SPECTRUM_H
#define ZEROTAP_SPECTRUM_H

#include "zerotap_runtime.h"

static inline int32_t zerotap_real(uint32_t word)
{
    return (int16_t)word;
}

static inline int32_t zerotap_imaginary(uint32_t word)
{
    return (int32_t)word >> 16;
}

static inline uint32_t zerotap_complex(int32_t real, int32_t imaginary)
{
    return (uint32_t)(uint16_t)real | (uint32_t)imaginary << 16;
}

/* The upper halves of two words as a complex number. */
static inline uint32_t zerotap_upper_halves(uint32_t real, uint32_t imaginary)
{
    return real >> 16 | imaginary >> 16 << 16;
}

/* Whether one of the words that were ORed into `seen` as word ^ word << 1 has a part outside of [-2^13, 2^13). */
static inline int32_t zerotap_growth(uint32_t seen)
{
    return (seen & 0xC000C000u) != 0;
}

/* half = N/2 in [16, 256]; window [N] in Q15, at most 2^15; twiddles [half]: exp(-2 pi i k / N) in Q14; reversal
 * [half]: indices with their bits reversed; work [half + 1]. */
typedef struct {
    int32_t half;
    int32_t channels;
    const uint16_t *window;
    const uint32_t *twiddles;
    const uint8_t *reversal;
    uint32_t *work;
} zerotap_fourier_t;

/* The bins of one channel, input [N][channels], into work; returns their exponent, in [-12, 10]. */
int32_t zerotap_fourier(const int16_t *input, const zerotap_fourier_t *layer);

/* Its passes. The first gives the exponent, the others what zerotap_growth takes. */
int32_t zerotap_fourier_load(const int16_t *input, const zerotap_fourier_t *layer);
uint32_t zerotap_fourier_radix_4(uint32_t *work, int32_t half);
uint32_t zerotap_fourier_radix_2(const zerotap_fourier_t *layer, int32_t span, int32_t shift);
void zerotap_fourier_split(const zerotap_fourier_t *layer, int32_t shift);

/* floor(sqrt(value)). */
uint32_t zerotap_magnitude(uint32_t value);

/* Magnitudes of all channels; output [half + 1][channels]. Returns 1. */
int32_t zerotap_spectrum(const int16_t *input, const zerotap_fourier_t *layer, int32_t *output);

/* log2(value) in Q8, value in [1, 2^53). */
int32_t zerotap_logarithm(uint64_t value);

/* log2 of the power of bins edges[i] to edges[i + 1] - 1 of all channels; edges [bands + 1] rising, at most half + 1;
 * output [bands][channels]. Returns 1. */
int32_t zerotap_log_bands(const int16_t *input, const zerotap_fourier_t *layer, const uint16_t *edges, int32_t bands,
                          int16_t *output);

#endif
