/* zerotap_lstm_gates_each for ARMv6-M. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_lstm_gates_each
#define PAIRS 0
#define SATURATED 2
#include "zerotap_lstm_gates_run.h"
#endif
