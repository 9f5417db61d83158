/* zerotap_fill for anything but ARMv6-M. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_fill(int8_t *target, int32_t value, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++) {
        target[i] = (int8_t)value;
    }
}
#endif
