/* The milliseconds of a timed item: its first 4 bytes, little-endian, at any alignment. */
#include "zerotap_windows.h"

uint32_t zerotap_item_ms(const void *item)
{
    const uint8_t *bytes = item;
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}
