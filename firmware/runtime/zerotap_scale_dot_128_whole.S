/* zerotap_scale_dot_128_whole for ARMv6-M: zerotap_scale_dot_128 without the code for several
 * positions and for what is left of four outputs. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_scale_dot_128_whole
#define RUN zerotap_scale_dot_128_whole_run
#define WORDS 64
#define POOLS 0
#define RESTS 0
#include "zerotap_scale_dot_run.h"
#endif
