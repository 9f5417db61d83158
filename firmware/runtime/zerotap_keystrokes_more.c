/* The next keystroke that the last report ended. */
#include "zerotap_windows.h"

int32_t zerotap_keystrokes_more(zerotap_keystrokes_t *state, int16_t *stroke)
{
    if (state->given == state->count) {
        return 0;
    }
    const zerotap_keystroke_t *key = &state->results[state->given++];
    stroke[0] = key->usage;
    stroke[1] = key->dwell_ms;
    stroke[2] = key->flight_ms;
    return 1;
}
