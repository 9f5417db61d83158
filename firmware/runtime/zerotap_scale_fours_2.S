/* zerotap_scale_fours_2 for ARMv6-M: 23.5 cycles for 8 multiply-accumulates, 19 for an output. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define NAME zerotap_scale_fours_2
#define RUN zerotap_scale_fours_2_run
#define BITS 1
#define POOLS 0
#define FOURS 1
#include "zerotap_scale_words_run.h"
#endif
