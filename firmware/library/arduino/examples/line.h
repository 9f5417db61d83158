// A line of text without libc: what does not fit is left out, and what would end it (a class's name may) is a space.
#pragma once
#include <stdint.h>

#include "port.h"

static const uint32_t LINE_BYTES = 96;

struct Line {
    uint8_t text[LINE_BYTES + 2];
    uint32_t count;
};

static void add(Line &line, const char *text)
{
    for (; *text != '\0' && line.count < LINE_BYTES; text++) {
        const uint8_t byte = static_cast<uint8_t>(*text);
        line.text[line.count++] = byte < ' ' ? ' ' : byte;
    }
}

static void add_number(Line &line, int32_t number)
{
    char digits[12];
    char *first = digits + sizeof digits - 1;
    *first = '\0';
    uint32_t left = number < 0 ? 0u - static_cast<uint32_t>(number) : static_cast<uint32_t>(number);
    do {
        *--first = static_cast<char>('0' + left % 10);
        left /= 10;
    } while (left != 0);
    add(line, number < 0 ? "-" : "");
    add(line, first);
}

// Sends the line, or drops it where that would have to wait: the next one is newer.
static void send(Line &line)
{
    line.text[line.count++] = '\r';
    line.text[line.count++] = '\n';
    if (port_room() >= line.count) {
        port_write(line.text, line.count);
    }
}
