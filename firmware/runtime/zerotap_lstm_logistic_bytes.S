/* zerotap_lstm_logistic_bytes for ARMv6-M: 19 cycles a value. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_lstm_logistic_bytes
#define TANH 0
#define NIBBLES 0
#include "zerotap_lstm_curve_run.h"
#endif
