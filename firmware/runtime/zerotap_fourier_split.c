/* From the transform Z of (even + i * odd) samples to the bins X of the real ones, in place:
 * X[k] = E + w^k * O and X[half - k] = conj(E - w^k * O), where 2 * E = Z[k] + conj Z[half - k] and 2 * i * O is
 * their difference.
 *
 * Magnitudes below 23200 before it and after it; shift 0 or 1. Sums are taken modulo 2^32 and so that a result is their
 * upper half: 2 * E * 2^(15 - shift), w in Q14 * 2^(1 - shift). work has half + 1 words. */
#include "zerotap_spectrum.h"

void zerotap_fourier_split(const zerotap_fourier_t *layer, int32_t shift)
{
    const uint32_t *twiddle = layer->twiddles;
    uint32_t *low = layer->work, *high = low + layer->half;
    *high = *low;
    for (; low <= high; low++, high--) {
        const uint32_t a = *low, b = *high;
        const uint32_t cosine = (uint32_t)zerotap_real(*twiddle) << (1 - shift);
        const uint32_t sine = (uint32_t)zerotap_imaginary(*twiddle) << (1 - shift);
        twiddle++;
        const uint32_t odd_real = (uint32_t)(zerotap_imaginary(a) + zerotap_imaginary(b));
        const uint32_t odd_imaginary = (uint32_t)(zerotap_real(b) - zerotap_real(a));
        const uint32_t tr = odd_real * cosine - odd_imaginary * sine, ti = odd_real * sine + odd_imaginary * cosine;
        const uint32_t er = ((uint32_t)(zerotap_real(a) + zerotap_real(b)) << (15 - shift)) + 0x8000;
        const uint32_t ei = (uint32_t)(zerotap_imaginary(a) - zerotap_imaginary(b)) << (15 - shift);
        *high = zerotap_upper_halves(er - tr, ti - ei + 0x8000);
        *low = zerotap_upper_halves(er + tr, ti + ei + 0x8000);
    }
}
