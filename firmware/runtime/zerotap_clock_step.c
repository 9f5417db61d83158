/* The time since the item before. */
#include "zerotap_windows.h"

uint32_t zerotap_clock_step(zerotap_clock_t *state, const void *item)
{
    const uint32_t clock = zerotap_item_ms(item);
    const uint32_t step = state->begun ? zerotap_elapsed_ms(clock, state->clock) : 0;
    state->clock = clock;
    state->begun = 1;
    return step;
}
