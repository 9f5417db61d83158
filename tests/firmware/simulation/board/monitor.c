/* A small image that does what it is told over Serial1: it reads and writes memory, and calls what it is given.
 *
 * A command is nine bytes: a letter, an address and a value; the answer is a word. */
#include "start.h"

static uint32_t initialised = 0x12345678;

static uint32_t next_word(void)
{
    uint32_t word = 0;
    for (uint32_t shift = 0; shift < 32; shift += 8)
        word |= (uint32_t)next_byte() << shift;
    return word;
}

static void send(uint32_t word)
{
    for (uint32_t i = 0; i < 4; i++, word >>= 8)
        send_byte((uint8_t)word);
}

__attribute__((noinline)) uint32_t obey(uint8_t command, uint32_t address, uint32_t value)
{
    switch (command) {
    case 'r': return WORD(address);
    case 'h': return HALF(address);
    case 'b': return BYTE(address);
    case 'R': WORD(address) = value; break;
    case 'H': HALF(address) = (uint16_t)value; break;
    case 'B': BYTE(address) = (uint8_t)value; break;
    case 'c': ((void (*)(void))address)(); break;
    case 's': __asm volatile("svc 0"); break;
    case 'd': __asm volatile("cpsid i"); WORD(address) = value; initialised++; __asm volatile("cpsie i"); break;
    }
    return initialised;
}

int main(void)
{
    start_board();
    for (;;) {
        uint8_t command = next_byte();
        uint32_t address = next_word();
        send(obey(command, address, next_word()));
    }
}
