/* The keys that a boot report has and the one before had not.
 *
 * report [8] of any values; pressed in [4, 223]. */
#include "zerotap_text.h"

#define ROLLOVER_ERROR 1
#define FIRST_MODIFIER 0xE0

static int has_key(const uint8_t *keys, uint8_t key)
{
    int found = 0;
    for (int32_t i = 0; i < ZEROTAP_REPORT_KEYS; i++) {
        found |= keys[i] == key;
    }
    return found;
}

static int is_rollover_error(const uint8_t *keys)
{
    int all = 1;
    for (int32_t i = 0; i < ZEROTAP_REPORT_KEYS; i++) {
        all &= keys[i] == ROLLOVER_ERROR;
    }
    return all;
}

int32_t zerotap_keys_pressed(const uint8_t *report, uint8_t *down, uint8_t *pressed)
{
    const uint8_t *keys = report + 2;
    int32_t count = 0;
    if (is_rollover_error(keys)) {
        return 0;
    }
    for (int32_t i = 0; i < ZEROTAP_REPORT_KEYS; i++) {
        if (keys[i] >= ZEROTAP_FIRST_USAGE && keys[i] < FIRST_MODIFIER && !has_key(down, keys[i])) {
            pressed[count++] = keys[i];
        }
    }
    for (int32_t i = 0; i < ZEROTAP_REPORT_KEYS; i++) {
        down[i] = keys[i];
    }
    return count;
}
