/* Which modifiers and keys are down, 255 each, else 0.
 *
 * keys in [4, 223]; row and output must not overlap. */
#include "zerotap_windows.h"

static uint8_t is_down(const uint8_t *report, uint8_t key)
{
    for (int32_t i = 2; i < 8; i++) {
        if (report[i] == key) {
            return 255;
        }
    }
    return 0;
}

int32_t zerotap_key_bits(const uint8_t *row, int32_t leading, const uint8_t *keys, int32_t count, uint8_t *output)
{
    const uint8_t *report = row + leading;
    for (int32_t i = 0; i < leading; i++) {
        *output++ = row[i];
    }
    for (int32_t bit = 0; bit < 8; bit++) {
        *output++ = report[0] >> bit & 1 ? 255 : 0;
    }
    for (int32_t i = 0; i < count; i++) {
        *output++ = is_down(report, keys[i]);
    }
    return 1;
}
