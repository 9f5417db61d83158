/* zerotap_scale_words for ARMv6-M: the least code; 22.25 cycles for 8 multiply-accumulates, 19 for an output. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define NAME zerotap_scale_words
#define RUN zerotap_scale_words_run
#define POOLS 0
#define AFTER 290
#include "zerotap_scale_words_run.inc"
#endif
