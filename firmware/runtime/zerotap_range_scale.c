/* Each channel's [low, high] to [-128, 127], rounded to nearest, halves up; beyond it, clipped.
 *
 * input in [-32768, 32767], output in [-128, 127]; the sums stay below 2^31. */
#include "zerotap_windows.h"

int32_t zerotap_range_scale(const int16_t *input, int32_t rows, int32_t channels, const int16_t *low,
                            const int16_t *high, const int32_t *multipliers, int8_t *output)
{
    for (int32_t row = 0; row < rows; row++) {
        for (int32_t c = 0; c < channels; c++) {
            int32_t value = *input++;
            value = value < low[c] ? low[c] : value > high[c] ? high[c] : value;
            int32_t scaled = ((value - low[c]) * multipliers[c] + (1 << 21)) >> 22;
            *output++ = (int8_t)((scaled > 255 ? 255 : scaled) - 128);
        }
    }
    return 1;
}
