/* The begin of a recording. */
#include "zerotap_windows.h"

void zerotap_count_window_reset(const zerotap_count_window_t *rule, zerotap_count_ring_t *state)
{
    state->next = 0;
    state->wait = rule->length;
    state->given = 0;
}
