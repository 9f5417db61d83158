/* The next window that the waiting row closes; once there is none, the row goes into the ring.
 *
 * start <= times <= now < start + 2^32 modulo 2^32, so differences tell their order. */
#include "zerotap_windows.h"

static void drop_oldest(const zerotap_time_window_t *rule, zerotap_time_ring_t *state)
{
    state->first = state->first + 1 == rule->length ? 0 : state->first + 1;
    state->count--;
}

static void append(const zerotap_time_window_t *rule, zerotap_time_ring_t *state)
{
    if (state->count == rule->length) {
        drop_oldest(rule, state);
    }
    const int32_t behind = state->first + state->count;
    const int32_t place = behind >= rule->length ? behind - rule->length : behind;
    for (int32_t i = 0; i < rule->row_bytes; i++) {
        state->ring[place * rule->row_bytes + i] = state->pending[i];
    }
    state->times[place] = state->now;
    state->count++;
}

static void move_on(const zerotap_time_window_t *rule, zerotap_time_ring_t *state)
{
    state->start += rule->hop_ms;
    while (state->count > 0 && state->times[state->first] - state->start >= rule->duration_ms) {
        drop_oldest(rule, state);
    }
    if (state->count == 0) {
        state->start = state->now;
    }
}

int32_t zerotap_time_window_more(const zerotap_time_window_t *rule, zerotap_time_ring_t *state, void *window)
{
    if (!state->is_pending) {
        return 0;
    }
    while (state->now - state->start >= rule->duration_ms) {
        const int32_t is_kept = state->count >= rule->fewest;
        if (is_kept) {
            zerotap_window_rows(state->ring, rule->length, rule->row_bytes, state->first, state->count, rule->padding,
                                window);
        }
        move_on(rule, state);
        if (is_kept) {
            return 1;
        }
    }
    append(rule, state);
    state->is_pending = 0;
    return 0;
}
