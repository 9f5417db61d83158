/* One row into the ring; every hop rows, from the length-th on, its window. */
#include "zerotap_windows.h"

int32_t zerotap_count_window_push(const zerotap_count_window_t *rule, zerotap_count_ring_t *state, const void *row,
                                  void *window)
{
    const uint8_t *bytes = row;
    uint8_t *place = state->ring + state->next * rule->row_bytes;
    for (int32_t i = 0; i < rule->row_bytes; i++) {
        place[i] = bytes[i];
    }
    state->next = state->next + 1 == rule->length ? 0 : state->next + 1;
    if (--state->wait > 0) {
        return 0;
    }
    state->wait = rule->hop;
    state->given = 1;
    zerotap_window_rows(state->ring, rule->length, rule->row_bytes, state->next, rule->length, rule->padding, window);
    return 1;
}
