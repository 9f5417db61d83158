/* zerotap_column_words for anything but ARMv6-M. */
#include "zerotap_runtime.h"

#if !defined(__ARM_ARCH_6M__) || defined(ZEROTAP_PORTABLE)
void zerotap_column_words(const int8_t *input, int32_t *sums, uint32_t shape)
{
    const uint32_t columns = shape >> 16, rows = shape & 0xFFFF;
    for (uint32_t column = 0; column < columns; column++) {
        sums[column] = 0;
        for (uint32_t row = 0; row < rows; row++) {
            sums[column] += input[row * columns + column];
        }
    }
}
#endif
