/* zerotap_scale_sums_signed for ARMv6-M: 30 cycles an output. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_scale_sums_signed
#define WIDE 0
#define SIGNED 1
#include "zerotap_scale_run.h"
#endif
