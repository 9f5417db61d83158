/* zerotap_lstm_cells for ARMv6-M. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_lstm_cells
#define TWICE 0
#include "zerotap_lstm_cells_run.h"
#endif
