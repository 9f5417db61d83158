/* The end of a recording: its last window, filled up, if it has rows that no other has and enough of them. */
#include "zerotap_windows.h"

int32_t zerotap_count_window_flush(const zerotap_count_window_t *rule, zerotap_count_ring_t *state, void *window)
{
    const int32_t count = rule->length - state->wait;
    const int32_t has_unseen = state->wait < (state->given ? rule->hop : rule->length);
    const int32_t is_enough = !state->given || count >= rule->minimum_rows;
    const int32_t first = state->next < count ? state->next - count + rule->length : state->next - count;
    zerotap_count_window_reset(rule, state);
    if (!has_unseen || !is_enough || rule->padding == ZEROTAP_PADDING_DROP) {
        return 0;
    }
    zerotap_window_rows(state->ring, rule->length, rule->row_bytes, first, count, rule->padding, window);
    return 1;
}
