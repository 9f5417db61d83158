/* zerotap_lstm_gates_pairs for anything but ARMv6-M. */
#include "zerotap_lstm.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_lstm_gates_pairs(const int32_t *sums, const zerotap_lstm_gates_t *layer, int16_t *gates)
{
    zerotap_lstm_gates_plain(sums, layer, gates);
}
#endif
