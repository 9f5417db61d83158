/* zerotap_sums_bytes for ARMv6-M: 1 byte a weight, 21 cycles for 4 multiply-accumulates. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_sums_bytes
#define NIBBLES 0
#include "zerotap_sums_narrow_run.h"
#endif
