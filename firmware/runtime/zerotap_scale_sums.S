/* zerotap_scale_sums for ARMv6-M: 25 cycles an output. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_scale_sums
#define WIDE 0
#define SIGNED 0
#include "zerotap_scale_run.h"
#endif
