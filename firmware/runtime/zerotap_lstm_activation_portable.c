/* zerotap_lstm_activation for anything but ARMv6-M. */
#include "zerotap_lstm.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_lstm_activation(int16_t *values, uint32_t count, uint32_t curve)
{
    zerotap_lstm_activation_plain(values, count, curve);
}
#endif
