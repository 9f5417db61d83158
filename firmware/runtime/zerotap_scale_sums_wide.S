/* zerotap_scale_sums_wide for ARMv6-M: 29 cycles an output. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_scale_sums_wide
#define WIDE 1
#define SIGNED 0
#include "zerotap_scale_run.h"
#endif
