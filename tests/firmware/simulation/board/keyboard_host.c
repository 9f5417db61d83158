/* A small USB host: it enumerates the keyboard on the port and sends its reports over Serial1, a line of hex each. */
#include "start.h"

#define USB 0x41005000u

enum { SETUP, IN, OUT };
enum { CONTROL = 1, INTERRUPT = 4, FROZEN = 0x10, FULL = 0x40, NAKED = 2 };

static volatile struct {
    uint32_t address, size;
    uint16_t extended;
    uint8_t bank_status, reserved;
    uint16_t device, pipe_status;
    uint32_t second_bank[4];
} pipes[8] __attribute__((aligned(4)));
static uint8_t buffer[64] __attribute__((aligned(4)));
static uint16_t device;

/* Returns how many bytes came, or -1 where the device refuses. */
static int transact(uint32_t pipe, uint32_t kind, uint32_t token, uint32_t count)
{
    uint32_t base = USB + 0x100 + 0x20 * pipe;
    pipes[pipe].address = (uint32_t)buffer;
    pipes[pipe].size = 3u << 28 | count;
    pipes[pipe].device = (uint16_t)(device | pipe << 8);
    BYTE(base) = (uint8_t)(kind << 3 | token);
    BYTE(base + 3) = 1;
    BYTE(base + 7) = 0x7F;
    BYTE(base + (token == IN ? 4 : 5)) = FULL;
    BYTE(base + 4) = FROZEN;
    while (!(BYTE(base + 7) & 0x3F))
        __asm volatile("wfi"); /* for a millisecond at most */
    return BYTE(base + 7) & 0x28 ? -1 : (int)(pipes[pipe].size & 0x3FFF);
}

static void control(uint8_t request, uint8_t value)
{
    const uint8_t packet[8] = {0, request, value, 0, 0, 0, 0, 0};
    for (uint32_t i = 0; i < sizeof packet; i++)
        *(volatile uint8_t *)&buffer[i] = packet[i];
    transact(0, CONTROL, SETUP, sizeof packet);
    transact(0, CONTROL, IN, 0);
}

static void await_flag(uint32_t bits)
{
    while (!(HALF(USB + 0x1C) & bits))
        __asm volatile("wfi");
}

static void start_usb(void)
{
    HALF(0x40000C02) = 6 | 0 << 8 | 1 << 14;
    BYTE(USB) = 0x82;
    WORD(USB + 0x24) = (uint32_t)pipes;
    HALF(USB + 8) = 1 << 10;
    await_flag(0x100);
    HALF(USB + 8) = 1 << 10 | 1 << 9;
    await_flag(8);
    HALF(USB + 8) = 1 << 10 | 1 << 8;
    await_flag(4);
}

static void send_hex(uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    send_byte((uint8_t)digits[byte >> 4]);
    send_byte((uint8_t)digits[byte & 15]);
}

int main(void)
{
    start_board();
    start_usb();
    control(5, 3);
    device = 3;
    control(9, 1);
    for (;;) {
        int count = transact(1, INTERRUPT, IN, 0);
        for (int i = 0; i < count; i++)
            send_hex(buffer[i]);
        send_byte('\n');
    }
}
