/* What every image of these tests begins with: vectors, start-up, the clocks at 48 MHz, SysTick, Serial1 by interrupts.
 *
 * Every interrupt but SysTick and Serial1's is counted in `taken`, and disabled, as its peripheral goes on asking. */
#include "start.h"

enum { RING = 64, VECTORS = 16 + 28, SYSTICK = 15, SERCOM5 = 14 };

extern uint32_t stack_top, data_start, data_end, data_load, bss_start, bss_end;
volatile uint32_t milliseconds, taken[VECTORS];
static volatile uint8_t ring[RING];
static volatile uint32_t head, tail;

void Reset_Handler(void)
{
    const uint32_t *from = &data_load;
    for (uint32_t *to = &data_start; to < &data_end; to++)
        *(volatile uint32_t *)to = *from++;
    for (uint32_t *to = &bss_start; to < &bss_end; to++)
        *(volatile uint32_t *)to = 0;
    main();
}

static void SysTick_Handler(void)
{
    milliseconds++;
}

static void Serial_Handler(void)
{
    while (BYTE(0x42001C18) & 4)
        ring[head++ % RING] = (uint8_t)HALF(0x42001C28);
}

static void Other_Handler(void)
{
    uint32_t number;
    __asm volatile("mrs %0, ipsr" : "=r"(number));
    taken[number]++;
    if (number >= 16)
        WORD(0xE000E180) = 1u << (number - 16);
}

__attribute__((section(".vectors"), used)) void (*const vectors[VECTORS])(void) = {
    (void (*)(void))&stack_top,
    Reset_Handler,
    [2 ... 14] = Other_Handler,
    [SYSTICK] = SysTick_Handler,
    [16 ... 16 + SERCOM5 - 1] = Other_Handler,
    [16 + SERCOM5] = Serial_Handler,
    [16 + SERCOM5 + 1 ... VECTORS - 1] = Other_Handler,
};

static void start_clocks(void)
{
    WORD(0x41004004) = 1 << 1; /* a wait state */
    HALF(0x40000814) = 0x0006;
    while (!(WORD(0x4000080C) & 1 << 1))
        ;
    BYTE(0x40000C00) = 1;
    while (BYTE(0x40000C00) & 1)
        ;
    WORD(0x40000C08) = 1 | 1 << 8;
    WORD(0x40000C04) = 1 | 5 << 8 | 1 << 16;
    HALF(0x40000C02) = 0 | 1 << 8 | 1 << 14;
    HALF(0x40000824) = 0;
    while (!(WORD(0x4000080C) & 1 << 4))
        ;
    WORD(0x4000082C) = 48000000 / 32768;
    HALF(0x40000824) = 1 << 1 | 1 << 2;
    while (!(WORD(0x4000080C) & 1 << 7))
        ;
    WORD(0x40000C08) = 0;
    WORD(0x40000C04) = 0 | 7 << 8 | 1 << 16;
}

static void start_serial(void)
{
    WORD(0x40000420) |= 1 << 7;
    HALF(0x40000C02) = 25 | 0 << 8 | 1 << 14;
    WORD(0x42001C00) = 1;
    while (WORD(0x42001C00) & 1)
        ;
    WORD(0x42001C00) = 1 << 2 | 2 << 16 | 3 << 20 | 1 << 30;
    HALF(0x42001C0C) = 63019;
    WORD(0x42001C04) = 3 << 16;
    BYTE(0x42001C16) = 4;
    WORD(0x42001C00) |= 2;
    WORD(0xE000E100) = 1 << SERCOM5;
}

uint8_t next_byte(void)
{
    while (tail == head)
        __asm volatile("wfi");
    return ring[tail++ % RING];
}

void send_byte(uint8_t byte)
{
    while (!(BYTE(0x42001C18) & 1))
        ;
    HALF(0x42001C28) = byte;
}

void start_board(void)
{
    start_clocks();
    WORD(0xE000E014) = 48000 - 1;
    WORD(0xE000E018) = 0;
    WORD(0xE000E010) = 7;
    start_serial();
}
