/* 8 * floor(log2 v) and the three bits behind v's first, v = milliseconds + 1.
 *
 * milliseconds in [0, 2^31 - 1], the code in [0, 248]. */
#include "zerotap_windows.h"

uint8_t zerotap_log2_code(uint32_t milliseconds)
{
    const uint32_t value = milliseconds + 1;
    uint32_t octave = 0;
    for (uint32_t step = 16; step > 0; step >>= 1) {
        octave += value >> octave >> step ? step : 0;
    }
    return (uint8_t)(8 * octave + ((octave >= 3 ? value >> (octave - 3) : value << (3 - octave)) & 7));
}
