/* zerotap_scale_sums_wide_signed for ARMv6-M: 34 cycles an output. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_scale_sums_wide_signed
#define WIDE 1
#define SIGNED 1
#include "zerotap_scale_run.h"
#endif
