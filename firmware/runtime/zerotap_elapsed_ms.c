/* Time from before to clock, in [0, 2^31 - 1]; a clock that runs back stands still. */
#include "zerotap_windows.h"

uint32_t zerotap_elapsed_ms(uint32_t clock, uint32_t before)
{
    const uint32_t difference = clock - before;
    return difference < 0x80000000u ? difference : 0;
}
