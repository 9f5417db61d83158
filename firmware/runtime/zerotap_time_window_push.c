/* One timed row: it waits until the windows that it closes are given, the first of them here. */
#include "zerotap_windows.h"

int32_t zerotap_time_window_push(const zerotap_time_window_t *rule, zerotap_time_ring_t *state, const void *item,
                                 void *window)
{
    const uint8_t *bytes = item;
    const uint32_t clock = zerotap_item_ms(item);
    for (int32_t i = 0; i < rule->row_bytes; i++) {
        state->pending[i] = bytes[4 + i];
    }
    if (state->begun) {
        state->now += zerotap_elapsed_ms(clock, state->clock);
    }
    state->begun = 1;
    state->clock = clock;
    if (state->count == 0) {
        state->start = state->now;
    }
    state->is_pending = 1;
    return zerotap_time_window_more(rule, state, window);
}
