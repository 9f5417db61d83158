/* One stroke: the values of its key, and a count of each of its codes.
 *
 * stroke of any values; row in [-120, 127]. */
#include "zerotap_key_profile.h"

static int32_t code_of(int32_t time_ms)
{
    const uint32_t size = (uint32_t)(time_ms < 0 ? -time_ms : time_ms);
    const int32_t code = zerotap_log2_code(size);
    return time_ms < 0 ? -code : code;
}

static void keep(const zerotap_key_profile_t *profile, int16_t usage, const int32_t *codes)
{
    int8_t *values = profile->values;
    for (int32_t i = 0; i < profile->count; i++) {
        if (profile->keys[i] == usage) {
            values[0] = ZEROTAP_KEY_PRESENT;
            values[1] = (int8_t)codes[0];
            values[2] = (int8_t)codes[1];
            values[3] = (int8_t)codes[2];
            return;
        }
        values += ZEROTAP_KEY_VALUES;
    }
}

static void count(uint16_t *bins, const int32_t *codes)
{
    bins[codes[0]]++;
    bins[ZEROTAP_CODES + codes[1]]++;
    bins[2 * ZEROTAP_CODES + ZEROTAP_LONGEST_CODE + codes[2]]++;
}

int32_t zerotap_key_profile_push(const int16_t *stroke, const zerotap_key_profile_t *profile,
                                 zerotap_profiling_t *state, int8_t *row)
{
    const int32_t dwell = stroke[1] < 0 ? 0 : stroke[1];
    const int32_t press_press = stroke[2] < 0 ? 0 : stroke[2];
    const int32_t release_press = state->seen ? press_press - state->dwell_before : 0;
    const int32_t codes[3] = {code_of(dwell), code_of(press_press), code_of(release_press)};
    keep(profile, stroke[0], codes);
    if (profile->bins && state->seen < ZEROTAP_MOST_STROKES) {
        count(profile->bins, codes);
    }
    state->dwell_before = dwell;
    state->seen++;
    return state->seen == profile->strokes ? zerotap_key_profile_row(profile, state, row) : 0;
}
