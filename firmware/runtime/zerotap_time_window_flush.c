/* The end of a recording: the window that it leaves open. */
#include "zerotap_windows.h"

int32_t zerotap_time_window_flush(const zerotap_time_window_t *rule, zerotap_time_ring_t *state, void *window)
{
    const int32_t is_kept = state->count >= rule->fewest;
    if (is_kept) {
        zerotap_window_rows(state->ring, rule->length, rule->row_bytes, state->first, state->count, rule->padding,
                            window);
    }
    zerotap_time_window_reset(state);
    return is_kept;
}
