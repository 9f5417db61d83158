/* The begin of a mean. */
#include "zerotap_windows.h"

void zerotap_decimate_reset(const zerotap_decimate_t *rule, zerotap_decimate_sums_t *state)
{
    for (int32_t i = 0; i < rule->size; i++) {
        state->sums[i] = 0;
    }
    state->seen = 0;
}
