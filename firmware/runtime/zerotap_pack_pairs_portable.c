/* zerotap_pack_pairs for anything but ARMv6-M. */
#include "zerotap_straight.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_pack_pairs(const int8_t *first, const int8_t *second, int32_t *packed, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        packed[i] = first[i] + second[i] * 65536;
    }
}
#endif
