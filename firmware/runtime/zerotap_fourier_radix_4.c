/* The first two stages as one pass: transforms of four, whose twiddles are 1 and -i. It shifts by 2.
 *
 * Parts in [-2^14, 2^14] before it and after it; half a multiple of 4. */
#include "zerotap_spectrum.h"

uint32_t zerotap_fourier_radix_4(uint32_t *work, int32_t half)
{
    uint32_t seen = 0;
    for (const uint32_t *end = work + half; work != end; work += 4) {
        const uint32_t a = work[0], b = work[1], c = work[2], d = work[3];
        const int32_t sum_real = zerotap_real(a) + zerotap_real(b) + 2;
        const int32_t sum_imaginary = zerotap_imaginary(a) + zerotap_imaginary(b) + 2;
        const int32_t last_real = zerotap_real(c) + zerotap_real(d);
        const int32_t last_imaginary = zerotap_imaginary(c) + zerotap_imaginary(d);
        const uint32_t x0 = zerotap_complex((sum_real + last_real) >> 2, (sum_imaginary + last_imaginary) >> 2);
        const uint32_t x2 = zerotap_complex((sum_real - last_real) >> 2, (sum_imaginary - last_imaginary) >> 2);
        work[0] = x0;
        work[2] = x2;
        seen |= (x0 ^ x0 << 1) | (x2 ^ x2 << 1);
        const int32_t real = zerotap_real(a) - zerotap_real(b) + 2;
        const int32_t imaginary = zerotap_imaginary(a) - zerotap_imaginary(b) + 2;
        const int32_t turned_real = zerotap_imaginary(c) - zerotap_imaginary(d);
        const int32_t turned_imaginary = zerotap_real(c) - zerotap_real(d);
        const uint32_t x1 = zerotap_complex((real + turned_real) >> 2, (imaginary - turned_imaginary) >> 2);
        const uint32_t x3 = zerotap_complex((real - turned_real) >> 2, (imaginary + turned_imaginary) >> 2);
        work[1] = x1;
        work[3] = x3;
        seen |= (x1 ^ x1 << 1) | (x3 ^ x3 << 1);
    }
    return seen;
}
