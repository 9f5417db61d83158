/* zerotap_scale_dot_64 for ARMv6-M: rows of up to 64 inputs; 20 cycles for 8 multiply-accumulates, 19 for an output. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_scale_dot_64
#define RUN zerotap_scale_dot_64_run
#define WORDS 32
#define POOLS 1
#define RESTS 1
#include "zerotap_scale_dot_run.h"
#endif
