/* zerotap_sums_dot_64 for ARMv6-M: 20 cycles for 8 multiply-accumulates, up to 64 inputs a call. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_sums_dot_64
#define RUN zerotap_sums_dot_64_run
#define WORDS 32
#define ROLLED 0
#include "zerotap_sums_dot_run.h"
#endif
