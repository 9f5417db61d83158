/* zerotap_lstm_logistic_nibbles for anything but ARMv6-M. */
#include "zerotap_lstm.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_lstm_logistic_nibbles(int16_t *values, uint32_t count, const uint8_t *steps, const zerotap_lstm_line_t *lines)
{
    for (uint32_t i = 0; i < count; i++) {
        const int32_t sign = values[i] >> 15, magnitude = (values[i] ^ sign) - sign;
        const zerotap_lstm_line_t *line = &lines[magnitude >> 8];
        const int32_t step = (steps[magnitude >> 1] >> 4 * (magnitude & 1)) & 15;
        const int32_t x = ((line->begin + line->slope * magnitude) >> 16) + step;
        values[i] = (int16_t)((2 * x) ^ (sign & 0x7FFF));
    }
}
#endif
