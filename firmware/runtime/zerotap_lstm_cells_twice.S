/* zerotap_lstm_cells_twice for ARMv6-M. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_lstm_cells_twice
#define TWICE 1
#include "zerotap_lstm_cells_run.h"
#endif
