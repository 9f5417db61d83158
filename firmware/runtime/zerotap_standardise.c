/* Each feature to 32 steps a deviation from its mean, rounded to nearest, halves up; beyond an int8, clipped.
 *
 * input of any values, output in [-128, 127]; the sums lie within 385 << 22. */
#include "zerotap_windows.h"

static int32_t element(const void *input, int32_t kind, int32_t i)
{
    switch (kind) {
    case ZEROTAP_OF_INT8:
        return ((const int8_t *)input)[i];
    case ZEROTAP_OF_UINT8:
        return ((const uint8_t *)input)[i];
    case ZEROTAP_OF_INT16:
        return ((const int16_t *)input)[i];
    default:
        return ((const int32_t *)input)[i];
    }
}

int32_t zerotap_standardise(const void *input, int32_t kind, int32_t rows, int32_t features, const int32_t *low,
                            const int32_t *high, const uint8_t *shift, const uint32_t *multiplier,
                            const int32_t *offset, int8_t *output)
{
    for (int32_t row = 0; row < rows; row++) {
        for (int32_t f = 0; f < features; f++) {
            int32_t value = element(input, kind, row * features + f);
            value = value < low[f] ? low[f] : value > high[f] ? high[f] : value;
            const uint32_t above = (uint32_t)value - (uint32_t)low[f];
            const int32_t scaled = (int32_t)((above >> shift[f]) * multiplier[f] + (uint32_t)offset[f]) >> 22;
            *output++ = (int8_t)(scaled < -128 ? -128 : scaled > 127 ? 127 : scaled);
        }
    }
    return 1;
}
