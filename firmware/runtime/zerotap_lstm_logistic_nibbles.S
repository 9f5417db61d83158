/* zerotap_lstm_logistic_nibbles for ARMv6-M: 29 cycles a value. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_lstm_logistic_nibbles
#define TANH 0
#define NIBBLES 1
#include "zerotap_lstm_curve_run.h"
#endif
