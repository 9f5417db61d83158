/* A recording's end: the row of the rest.
 *
 * row in [-120, 127]. */
#include "zerotap_key_profile.h"

int32_t zerotap_key_profile_flush(const zerotap_key_profile_t *profile, zerotap_profiling_t *state, int8_t *row)
{
    return state->seen || !state->given ? zerotap_key_profile_row(profile, state, row) : 0;
}
