/* zerotap_sums_2 for ARMv6-M: runs of 2 inputs. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define NAME zerotap_sums_2
#define RUN 2
#include "zerotap_sums_run.inc"
#endif
