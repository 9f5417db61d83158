/* Rows of a ring in their order, and what fills the window up behind them.
 *
 * first in [0, length - 1], count in [1, length]; ring and window must not overlap. */
#include "zerotap_windows.h"

void zerotap_window_rows(const uint8_t *ring, int32_t length, int32_t row_bytes, int32_t first, int32_t count,
                         int32_t padding, uint8_t *window)
{
    const int32_t size = count * row_bytes;
    const int32_t until_end = (length - first) * row_bytes;
    const int32_t ahead = size < until_end ? size : until_end;
    for (int32_t i = 0; i < ahead; i++) {
        window[i] = ring[first * row_bytes + i];
    }
    for (int32_t i = ahead; i < size; i++) {
        window[i] = ring[i - ahead];
    }
    for (int32_t i = size; i < length * row_bytes; i++) {
        window[i] = padding == ZEROTAP_PADDING_EDGE ? window[i - row_bytes] : 0;
    }
}
