/* Each channel's [low, high] to [-32768, 32767], rounded to nearest, halves up; beyond it, clipped.
 *
 * A distance from low is shortened to 16 bits; times its multiplier, and a half, it stays below 2^32. */
#include "zerotap_windows.h"

int32_t zerotap_sample_scale(const int32_t *input, int32_t rows, int32_t channels, const int32_t *low,
                             const int32_t *high, const uint8_t *shifts, const uint32_t *multipliers,
                             int16_t *output)
{
    for (int32_t row = 0; row < rows; row++) {
        for (int32_t c = 0; c < channels; c++) {
            int32_t value = *input++;
            value = value < low[c] ? low[c] : value > high[c] ? high[c] : value;
            uint32_t above = ((uint32_t)value - (uint32_t)low[c]) >> shifts[c];
            *output++ = (int16_t)((int32_t)((above * multipliers[c] + 0x8000u) >> 16) - 32768);
        }
    }
    return 1;
}
