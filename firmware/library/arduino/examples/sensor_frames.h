// Binary frames of a sensor, one a sample: 0xA5 0x5A, sequence number u8, number of channels u8, a
// little-endian int16 a channel, and a CRC-8 (polynomial 0x07, start 0) of all between the first two and itself.
#pragma once
#include <stdint.h>

static const uint32_t FRAME_HEAD = 4;

static inline uint8_t crc8(const uint8_t *bytes, uint32_t count)
{
    uint8_t crc = 0;
    for (uint32_t i = 0; i < count; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = static_cast<uint8_t>(crc & 0x80 ? crc << 1 ^ 0x07 : crc << 1);
        }
    }
    return crc;
}
