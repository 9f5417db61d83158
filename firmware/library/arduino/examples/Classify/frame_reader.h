// Reads a sensor's binary frames (sensor_frames.h) out of what arrives, and finds the next one after a damaged byte.
#pragma once
#include "port.h"
#include "sensor_frames.h"

template <uint32_t CHANNELS>
struct FrameReader {
    static const uint32_t BYTES = FRAME_HEAD + 2 * CHANNELS + 1;

    // Of the sample given last: frames were lost before it.
    bool has_gap;

    // The next sample; false at once where no whole frame has arrived.
    bool next(int32_t values[CHANNELS])
    {
        while (fill()) {
            if (!is_frame()) {
                drop(1);
                continue;
            }
            has_gap = is_begun && frame[2] != expected;
            is_begun = true;
            expected = static_cast<uint8_t>(frame[2] + 1);
            for (uint32_t i = 0; i < CHANNELS; i++) {
                const uint8_t *bytes = frame + FRAME_HEAD + 2 * i;
                values[i] = static_cast<int16_t>(bytes[0] | bytes[1] << 8);
            }
            drop(BYTES);
            return true;
        }
        return false;
    }

private:
    bool fill()
    {
        count += port_read_block(frame + count, BYTES - count);
        return count == BYTES;
    }

    bool is_frame() const
    {
        return frame[0] == 0xA5 && frame[1] == 0x5A && frame[3] == CHANNELS &&
               frame[BYTES - 1] == crc8(frame + 2, BYTES - 3);
    }

    void drop(uint32_t bytes)
    {
        count -= bytes;
        for (uint32_t i = 0; i < count; i++) {
            frame[i] = frame[i + bytes];
        }
    }

    bool is_begun;
    uint8_t expected;
    uint8_t frame[BYTES];
    uint32_t count;
};
