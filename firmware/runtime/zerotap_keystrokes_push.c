/* One timed report: the keys that it releases are keystrokes, in the order keys up, modifiers up, modifiers down,
 * keys down. A report of rollover errors only passes the time. */
#include "zerotap_windows.h"

enum { FIRST_MODIFIER = 0xE0, LAST_ERROR = 3, ROLLOVER_ERROR = 1, LONGEST_MS = 32767 };

static int32_t has_rollover(const uint8_t *report)
{
    int32_t errors = 0;
    for (int32_t i = 2; i < 8; i++) {
        errors += report[i] == ROLLOVER_ERROR;
    }
    return errors == 6;
}

static void read_keys(const uint8_t *report, uint8_t *keys)
{
    for (int32_t i = 0; i < 8; i++) {
        keys[i] = report[0] >> i & 1 ? (uint8_t)(FIRST_MODIFIER + i) : 0;
    }
    for (int32_t i = 2; i < 8; i++) {
        keys[6 + i] = report[i] > LAST_ERROR ? report[i] : 0;
    }
}

static int32_t contains(const uint8_t *keys, uint8_t usage)
{
    for (int32_t i = 0; i < ZEROTAP_KEYS; i++) {
        if (keys[i] == usage) {
            return 1;
        }
    }
    return 0;
}

static zerotap_keystroke_t *find(zerotap_keystrokes_t *state, uint8_t usage)
{
    for (int32_t i = 0; i < ZEROTAP_KEYS; i++) {
        if (state->down[i].usage == usage) {
            return &state->down[i];
        }
    }
    return 0;
}

static int32_t later(int32_t time_ms, uint32_t step)
{
    return step > (uint32_t)(LONGEST_MS - time_ms) ? LONGEST_MS : time_ms + (int32_t)step;
}

static void pass_time(zerotap_keystrokes_t *state, uint32_t step)
{
    for (int32_t i = 0; i < ZEROTAP_KEYS; i++) {
        state->down[i].dwell_ms = (int16_t)later(state->down[i].dwell_ms, step);
    }
    state->since_press_ms = later(state->since_press_ms, step);
}

static void release(zerotap_keystrokes_t *state, uint8_t usage)
{
    zerotap_keystroke_t *key = find(state, usage);
    if (key) {
        state->results[state->count++] = *key;
        key->usage = 0;
    }
}

static void press(zerotap_keystrokes_t *state, uint8_t usage)
{
    zerotap_keystroke_t *place = find(state, 0);
    if (find(state, usage) || !place) {
        return;
    }
    place->usage = usage;
    place->dwell_ms = 0;
    place->flight_ms = (int16_t)(state->has_pressed ? state->since_press_ms : 0);
    state->since_press_ms = 0;
    state->has_pressed = 1;
}

/* Calls change for the keys, or the modifiers, of one list that the other has not. */
static void each_missing(zerotap_keystrokes_t *state, const uint8_t *keys, const uint8_t *others, int32_t modifiers,
                         void (*change)(zerotap_keystrokes_t *, uint8_t))
{
    for (int32_t i = 0; i < ZEROTAP_KEYS; i++) {
        if (keys[i] && (keys[i] >= FIRST_MODIFIER) == modifiers && !contains(others, keys[i])) {
            change(state, keys[i]);
        }
    }
}

int32_t zerotap_keystrokes_push(zerotap_keystrokes_t *state, const uint8_t *item, int16_t *stroke)
{
    uint8_t keys[ZEROTAP_KEYS];
    pass_time(state, zerotap_clock_step(&state->clock, item));
    state->count = 0;
    state->given = 0;
    if (has_rollover(item + 4)) {
        return 0;
    }
    read_keys(item + 4, keys);
    each_missing(state, state->keys, keys, 0, release);
    each_missing(state, state->keys, keys, 1, release);
    each_missing(state, keys, state->keys, 1, press);
    each_missing(state, keys, state->keys, 0, press);
    for (int32_t i = 0; i < ZEROTAP_KEYS; i++) {
        state->keys[i] = keys[i];
    }
    return zerotap_keystrokes_more(state, stroke);
}
