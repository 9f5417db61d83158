/* A row is added to sums, or is where they begin: int8 values, count from 1, sums within int32. */
#include "zerotap_stream.h"

void zerotap_add_row(const int8_t *row, int32_t *sums, uint32_t count, int32_t is_first)
{
    const int32_t kept = zerotap_mask(is_first - 1);
    for (; count > 0; count--) {
        *sums = (*sums & kept) + *row++;
        sums++;
    }
}
