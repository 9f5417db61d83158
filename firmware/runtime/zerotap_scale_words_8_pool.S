/* zerotap_scale_words_8_pool for ARMv6-M: 21.63 cycles for 8 multiply-accumulates, 19 for an output. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define NAME zerotap_scale_words_8_pool
#define RUN zerotap_scale_words_8_pool_run
#define BITS 3
#define POOLS 1
#define FOURS 0
#include "zerotap_scale_words_run.h"
#endif
