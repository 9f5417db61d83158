/* The row: the values of the keys, then the codes with 1, 2, 4, 6 and 7 eighths of the strokes before them.
 *
 * row in [-120, 127]. */
#include "zerotap_key_profile.h"

static int8_t *quantiles(const uint16_t *bins, int32_t lowest, int32_t strokes, int8_t *row)
{
    static const uint8_t eighths[] = {1, 2, 4, 6, 7};
    int32_t code = lowest - 1, passed = 0;
    for (uint32_t i = 0; i < sizeof(eighths); i++) {
        const int32_t rank = ((strokes - 1) * eighths[i]) >> 3;
        while (passed <= rank) {
            passed += *bins++;
            code++;
        }
        *row++ = (int8_t)code;
    }
    return row;
}

int32_t zerotap_key_profile_row(const zerotap_key_profile_t *profile, zerotap_profiling_t *state, int8_t *row)
{
    const int32_t strokes = state->seen < ZEROTAP_MOST_STROKES ? state->seen : ZEROTAP_MOST_STROKES;
    for (int32_t i = 0; i < ZEROTAP_KEY_VALUES * profile->count; i++) {
        *row++ = profile->values[i];
    }
    if (profile->bins && strokes) {
        row = quantiles(profile->bins, 0, strokes, row);
        row = quantiles(profile->bins + ZEROTAP_CODES, 0, strokes, row);
        quantiles(profile->bins + 2 * ZEROTAP_CODES, -ZEROTAP_LONGEST_CODE, strokes, row);
    } else if (profile->bins) {
        for (int32_t i = 0; i < 15; i++) {
            *row++ = 0;
        }
    }
    state->given = 1;
    zerotap_key_profile_begin(profile, state);
    return 1;
}
