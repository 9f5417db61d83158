/* zerotap_lstm_activation_small for ARMv6-M. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_lstm_activation_small
#define TABLE 0
#include "zerotap_lstm_activation_run.h"
#endif
