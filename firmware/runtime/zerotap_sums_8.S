/* zerotap_sums_8 for ARMv6-M: runs of 8 inputs. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define NAME zerotap_sums_8
#define RUN 8
#include "zerotap_sums_run.inc"
#endif
