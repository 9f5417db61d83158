/* zerotap_sums_nibbles for ARMv6-M: two weights a byte, 24 cycles for 4 multiply-accumulates. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_sums_nibbles
#define NIBBLES 1
#include "zerotap_sums_narrow_run.h"
#endif
