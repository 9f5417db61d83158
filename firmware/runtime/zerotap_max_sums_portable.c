/* zerotap_max_sums for anything but ARMv6-M. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_max_sums(const int32_t *others, uint32_t count, int32_t *sums)
{
    for (uint32_t i = 0; i < count; i++) {
        sums[i] = others[i] > sums[i] ? others[i] : sums[i];
    }
}
#endif
