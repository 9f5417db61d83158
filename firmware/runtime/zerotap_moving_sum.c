/* Sums of the newest rows, of which row takes the place of the oldest: int8 values, count from 1, sums within int32. */
#include "zerotap_stream.h"

void zerotap_moving_sum(const int8_t *row, int8_t *oldest, int32_t *sums, uint32_t count)
{
    for (; count > 0; count--) {
        *sums++ += *row - *oldest;
        *oldest++ = *row++;
    }
}
