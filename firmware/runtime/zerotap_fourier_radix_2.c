/* One stage: butterflies of points `span` apart, (a + w * b) and (a - w * b), shifted right by `shift`, rounded.
 *
 * Magnitudes below 23200 before it and after it; span a power of two in [4, half / 2]; shift 0 or 1. Sums are taken
 * modulo 2^32 and so that a result is their upper half: a * 2^(16 - shift), w in Q14 * 2^(2 - shift). */
#include "zerotap_spectrum.h"

uint32_t zerotap_fourier_radix_2(const zerotap_fourier_t *layer, int32_t span, int32_t shift)
{
    const uint32_t *end = layer->work + layer->half;
    const uint32_t *twiddle = layer->twiddles;
    int32_t stride = layer->half;
    for (int32_t width = span; width > 1; width >>= 1) {
        stride >>= 1;
    }
    uint32_t seen = 0;
    uint32_t *first = layer->work;
    for (const uint32_t *last = first + span; first != last; first++) {
        const uint32_t cosine = (uint32_t)zerotap_real(*twiddle) << (2 - shift);
        const uint32_t sine = (uint32_t)zerotap_imaginary(*twiddle) << (2 - shift);
        twiddle += stride;
        for (uint32_t *a = first; a < end; a += 2 * span) {
            const uint32_t right = a[span];
            const uint32_t br = (uint32_t)zerotap_real(right), bi = (uint32_t)zerotap_imaginary(right);
            const uint32_t tr = br * cosine - bi * sine, ti = br * sine + bi * cosine;
            const uint32_t left = a[0];
            const uint32_t ar = ((uint32_t)zerotap_real(left) << (16 - shift)) + 0x8000;
            const uint32_t ai = ((uint32_t)zerotap_imaginary(left) << (16 - shift)) + 0x8000;
            const uint32_t sum = zerotap_upper_halves(ar + tr, ai + ti);
            a[0] = sum;
            seen |= sum ^ sum << 1;
            const uint32_t difference = zerotap_upper_halves(ar - tr, ai - ti);
            a[span] = difference;
            seen |= difference ^ difference << 1;
        }
    }
    return seen;
}
