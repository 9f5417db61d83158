/* zerotap_bag_nibble_sums for anything but ARMv6-M. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_bag_nibble_sums(const int32_t *ids, const void *bag, int32_t *sums, uint32_t shape)
{
    const uint32_t rows = *(const uint32_t *)bag, columns = shape >> 16;
    const uint8_t *table = (const uint8_t *)bag + 4;
    for (uint32_t column = 0; column < columns; column++) {
        sums[column] = 0;
    }
    for (uint32_t i = 0; i < (shape & 0xFFFF); i++) {
        const uint32_t row = (uint32_t)ids[i] < rows ? (uint32_t)ids[i] : 0;
        for (uint32_t column = 0; column < columns; column++) {
            const uint32_t pair = table[(row * columns + column) >> 1];
            sums[column] += (int32_t)(pair >> (4 * (column & 1)) & 15u);
        }
    }
}
#endif
