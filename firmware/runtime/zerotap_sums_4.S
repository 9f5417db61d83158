/* zerotap_sums_4 for ARMv6-M: runs of 4 inputs. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define NAME zerotap_sums_4
#define RUN 4
#include "zerotap_sums_run.inc"
#endif
