/* The begin of a row. */
#include "zerotap_key_profile.h"

void zerotap_key_profile_begin(const zerotap_key_profile_t *profile, zerotap_profiling_t *state)
{
    for (int32_t i = 0; i < ZEROTAP_KEY_VALUES * profile->count; i++) {
        profile->values[i] = 0;
    }
    for (int32_t i = 0; profile->bins && i < ZEROTAP_CODE_BINS; i++) {
        profile->bins[i] = 0;
    }
    state->seen = 0;
}
