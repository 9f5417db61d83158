/* The begin of a recording: no key is down. */
#include "zerotap_windows.h"

void zerotap_keystrokes_reset(zerotap_keystrokes_t *state)
{
    for (int32_t i = 0; i < ZEROTAP_KEYS; i++) {
        state->keys[i] = 0;
        state->down[i].usage = 0;
    }
    state->count = 0;
    state->given = 0;
    state->has_pressed = 0;
    state->clock.begun = 0;
}
