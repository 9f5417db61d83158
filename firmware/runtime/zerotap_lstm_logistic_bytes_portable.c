/* zerotap_lstm_logistic_bytes for anything but ARMv6-M. */
#include "zerotap_lstm.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_lstm_logistic_bytes(int16_t *values, uint32_t count, const uint8_t *steps, const uint16_t *begins)
{
    for (uint32_t i = 0; i < count; i++) {
        const int32_t sign = values[i] >> 15, magnitude = (values[i] ^ sign) - sign;
        const int32_t x = begins[magnitude >> 8] + steps[magnitude];
        values[i] = (int16_t)((2 * x) ^ (sign & 0x7FFF));
    }
}
#endif
