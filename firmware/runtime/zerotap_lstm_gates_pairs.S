/* zerotap_lstm_gates_pairs for ARMv6-M. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_lstm_gates_pairs
#define PAIRS 1
#define SATURATED 0
#include "zerotap_lstm_gates_run.h"
#endif
