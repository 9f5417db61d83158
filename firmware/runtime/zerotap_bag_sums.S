/* zerotap_bag_sums for ARMv6-M: 22 cycles for 8 columns of a row. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
#define FUNCTION zerotap_bag_sums
#define NIBBLES 0
#include "zerotap_bag_run.h"
#endif
