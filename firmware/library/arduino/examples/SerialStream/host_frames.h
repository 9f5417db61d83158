// Frames between the host and this board, little-endian:
//
//   0xA5 0x5A | kind u8 | sequence u8 | length u16 | payload | CRC-16 u16
//
// The CRC (polynomial 0x1021, start 0xFFFF) is of all between the first two bytes and itself. A reply has its
// request's sequence number. After a damaged byte the next frame is found wherever it begins.
#pragma once
#include <stdint.h>

#include "port.h"

enum class Kind : uint8_t {
    HELLO = 1,
    WINDOW = 2,
    ITEM = 3,
    FLUSH = 4,
    RESET = 5,
    IDENTITY = 0x81,
    SCORES = 0x82,
    NONE = 0x83,
    REFUSED = 0xFF
};
enum class Fault : uint8_t { NOTHING = 0, CRC = 1, LENGTH = 2, KIND = 3, TOO_LONG = 4 };

static const uint32_t HEAD_BYTES = 6, CRC_BYTES = 2;
// A frame that stays unfinished for so long is given up.
static const uint32_t PATIENCE_MS = 100;

static uint32_t crc16(const uint8_t *bytes, uint32_t count)
{
    static const uint16_t TABLE[16] = {0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50A5, 0x60C6, 0x70E7,
                                       0x8108, 0x9129, 0xA14A, 0xB16B, 0xC18C, 0xD1AD, 0xE1CE, 0xF1EF};
    uint32_t crc = 0xFFFF;
    for (uint32_t i = 0; i < count; i++) {
        crc = (crc << 4 ^ TABLE[(crc >> 12 ^ bytes[i] >> 4) & 15]) & 0xFFFF;
        crc = (crc << 4 ^ TABLE[(crc >> 12 ^ bytes[i]) & 15]) & 0xFFFF;
    }
    return crc;
}

// MOST: bytes of the longest payload that arrives, REPLY: of the longest that is sent.
template <uint32_t MOST, uint32_t REPLY>
class HostFrames {
public:
    // Whether another whole frame has arrived: kind(), length() and payload() are its, until the next call.
    bool next()
    {
        drop(taken);
        for (taken = 0; taken == 0;) {
            find_start();
            if (count >= needed()) {
                take_or_refuse();
            } else if (!fill()) {
                return false;
            }
        }
        return true;
    }

    Kind kind() const { return static_cast<Kind>(frame()[2]); }
    uint32_t length() const { return number_at(4); }
    // Aligned to words.
    const void *payload() const { return frame() + HEAD_BYTES; }

    void begin_reply() { filled = HEAD_BYTES; }

    // Little-endian, of so many bytes.
    void add(uint32_t number, uint32_t bytes)
    {
        for (uint32_t i = 0; i < bytes; i++) {
            sent[filled++] = static_cast<uint8_t>(number >> 8 * i);
        }
    }

    void add_bytes(const void *bytes, uint32_t number)
    {
        for (uint32_t i = 0; i < number; i++) {
            sent[filled++] = static_cast<const uint8_t *>(bytes)[i];
        }
    }

    // The payload's first byte, when all of it has been added.
    void set_first(uint8_t value) { sent[HEAD_BYTES] = value; }

    void reply(Kind kind)
    {
        const uint32_t payload_bytes = filled - HEAD_BYTES;
        filled = 0;
        add(0x5AA5, 2);
        add(static_cast<uint8_t>(kind), 1);
        add(frame()[3], 1);
        add(payload_bytes, 2);
        filled += payload_bytes;
        add(crc16(sent + 2, filled - 2), 2);
        port_write(sent, filled);
    }

    void refuse(Fault fault)
    {
        begin_reply();
        add(static_cast<uint8_t>(fault), 1);
        reply(Kind::REFUSED);
    }

private:
    static const uint32_t CAPACITY = HEAD_BYTES + MOST + CRC_BYTES;

    uint8_t *frame() { return storage.bytes + 2; }
    const uint8_t *frame() const { return storage.bytes + 2; }
    uint32_t number_at(uint32_t place) const
    {
        return static_cast<uint32_t>(frame()[place] | frame()[place + 1] << 8);
    }
    bool is_too_long() const { return length() > MOST; }

    // Bytes that have to be there before anything can be said.
    uint32_t needed() const
    {
        const bool is_head = count < HEAD_BYTES || is_too_long();
        return is_head ? HEAD_BYTES : HEAD_BYTES + length() + CRC_BYTES;
    }

    void take_or_refuse()
    {
        const uint32_t checked = HEAD_BYTES + length();
        if (is_too_long()) {
            skip(Fault::TOO_LONG);
        } else if (number_at(checked) != crc16(frame() + 2, checked - 2)) {
            skip(Fault::CRC);
        } else {
            taken = checked + CRC_BYTES;
        }
    }

    // A next frame may have begun inside of what looked like one.
    void skip(Fault fault)
    {
        refuse(fault);
        drop(2);
    }

    void find_start()
    {
        uint32_t at = 0;
        while (at < count && !(frame()[at] == 0xA5 && (at + 1 == count || frame()[at + 1] == 0x5A))) {
            at++;
        }
        drop(at);
    }

    // False where nothing has arrived.
    bool fill()
    {
        const uint32_t arrived = port_read_block(frame() + count, CAPACITY - count);
        if (arrived != 0) {
            count += arrived;
            last_ms = port_now_ms();
            return true;
        }
        if (count == 0 || port_now_ms() - last_ms < PATIENCE_MS) {
            return false;
        }
        if (count < HEAD_BYTES) {
            drop(count);
        } else {
            skip(Fault::LENGTH);
        }
        return true;
    }

    void drop(uint32_t bytes)
    {
        count -= bytes;
        for (uint32_t i = 0; i < count; i++) {
            frame()[i] = frame()[i + bytes];
        }
    }

    // Two bytes further on a payload lies on a word.
    union {
        uint32_t words[(2 + CAPACITY + 3) / 4];
        uint8_t bytes[2 + CAPACITY];
    } storage;
    uint8_t sent[HEAD_BYTES + REPLY + CRC_BYTES];
    uint32_t count, taken, filled, last_ms;
};
