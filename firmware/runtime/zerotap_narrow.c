/* Each value divided by 2^shift, rounded to nearest, halves up, saturated.
 *
 * input in [-2^31, 2^31 - 1], shift in [0, 31], output in [-32768, 32767]; the half is added behind the shift,
 * where it cannot overflow. */
#include "zerotap_windows.h"

int32_t zerotap_narrow(const int32_t *input, int32_t size, int32_t shift, int16_t *output)
{
    for (int32_t i = 0; i < size; i++) {
        const int32_t half = shift == 0 ? 0 : (input[i] >> (shift - 1)) & 1;
        /* Without a shift there is no half, so the sum stays in range. */
        const int32_t value = (input[i] >> shift) + half;
        output[i] = (int16_t)(value < -32768 ? -32768 : value > 32767 ? 32767 : value);
    }
    return 1;
}
