/* zerotap_scale_dot_16 for ARMv6-M: rows of up to 16 inputs; 20 cycles for 8 multiply-accumulates, 19 for an output. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_scale_dot_16
#define RUN zerotap_scale_dot_16_run
#define WORDS 8
#define POOLS 0
#define RESTS 1
#include "zerotap_scale_dot_run.h"
#endif
