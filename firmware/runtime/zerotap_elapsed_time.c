/* The code of the time since the report before, in front of the report. */
#include "zerotap_windows.h"

int32_t zerotap_elapsed_time(zerotap_clock_t *state, const uint8_t *item, int32_t width, int32_t kept,
                             uint8_t *output)
{
    for (int32_t i = 0; i < kept; i++) {
        *output++ = item[i];
    }
    *output++ = zerotap_log2_code(zerotap_clock_step(state, item));
    for (int32_t i = 0; i < width; i++) {
        output[i] = item[4 + i];
    }
    return 1;
}
