/* Sums are added to others: count from 1, all within int32. */
#include "zerotap_stream.h"

void zerotap_add_sums(const int32_t *more, int32_t *sums, uint32_t count)
{
    for (; count > 0; count--) {
        *sums++ += *more++;
    }
}
