/* zerotap_pack_blocks for anything but ARMv6-M. */
#include "zerotap_straight.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_pack_blocks(const int8_t *first, const int8_t *second, int32_t *packed, uint32_t shape)
{
    uint32_t count = 4 * (shape & 0xFF), step = count + (shape >> 20);
    for (uint32_t block = 0; block < (shape >> 8 & 0xFFF); block++) {
        zerotap_pack_pairs(first + step * block, second + step * block, packed + count * block, count);
    }
}
#endif
