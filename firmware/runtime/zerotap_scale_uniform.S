/* zerotap_scale_uniform for ARMv6-M: 35 cycles an output. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define NAME zerotap_scale_uniform
#define WIDE 1
#define SIGNED 1
#define UNIFORM 1
#include "zerotap_scale_run.inc"
#endif
