/* The begin of a recording. */
#include "zerotap_windows.h"

void zerotap_time_window_reset(zerotap_time_ring_t *state)
{
    state->first = 0;
    state->count = 0;
    state->is_pending = 0;
    state->begun = 0;
    state->start = 0;
    state->now = 0;
}
