/* zerotap_sums_dot_128 for ARMv6-M: 20 cycles for 8 multiply-accumulates, up to 128 inputs a call. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_sums_dot_128
#define RUN zerotap_sums_dot_128_run
#define WORDS 64
#define ROLLED 0
#include "zerotap_sums_dot_run.h"
#endif
