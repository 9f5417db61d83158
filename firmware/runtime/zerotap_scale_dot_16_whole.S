/* zerotap_scale_dot_16_whole for ARMv6-M: zerotap_scale_dot_16 without the code for what is left of four outputs. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_scale_dot_16_whole
#define RUN zerotap_scale_dot_16_whole_run
#define WORDS 8
#define POOLS 0
#define RESTS 0
#include "zerotap_scale_dot_run.h"
#endif
