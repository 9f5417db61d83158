/* zerotap_lstm_gates_saturated for ARMv6-M. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_lstm_gates_saturated
#define PAIRS 0
#define SATURATED 1
#include "zerotap_lstm_gates_run.h"
#endif
