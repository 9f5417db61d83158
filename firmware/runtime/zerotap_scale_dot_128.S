/* zerotap_scale_dot_128 for ARMv6-M: rows of up to 128 inputs; 20 cycles for 8 multiply-accumulates, 19 for an output. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_scale_dot_128
#define RUN zerotap_scale_dot_128_run
#define WORDS 64
#define POOLS 1
#define RESTS 1
#include "zerotap_scale_dot_run.h"
#endif
