/* What keeps a board busy: a checksum and a sort, again and again, while SysTick counts milliseconds. */
#include <stdint.h>

#define WORD(address) (*(volatile uint32_t *)(address))
#define HALF(address) (*(volatile uint16_t *)(address))

enum { COUNT = 64, SYSTICK = 15 };

extern uint32_t stack_top, bss_start, bss_end;
int main(void);
volatile uint32_t milliseconds, rounds, checksum;
static uint32_t numbers[COUNT];

void Reset_Handler(void)
{
    for (uint32_t *to = &bss_start; to < &bss_end; to++)
        *(volatile uint32_t *)to = 0;
    main();
}

static void SysTick_Handler(void)
{
    milliseconds++;
}

static void Fault_Handler(void)
{
    for (;;)
        ;
}

__attribute__((section(".vectors"), used)) void (*const vectors[16])(void) = {
    (void (*)(void))&stack_top,
    Reset_Handler,
    [2 ... 14] = Fault_Handler,
    [SYSTICK] = SysTick_Handler,
};

static uint32_t crc(uint32_t value, uint8_t byte)
{
    value ^= byte;
    for (uint32_t bit = 0; bit < 8; bit++)
        value = value & 1 ? value >> 1 ^ 0xEDB88320u : value >> 1;
    return value;
}

static void sort(void)
{
    for (uint32_t i = 1; i < COUNT; i++) {
        uint32_t taken = numbers[i], at = i;
        for (; at > 0 && numbers[at - 1] > taken; at--)
            numbers[at] = numbers[at - 1];
        numbers[at] = taken;
    }
}

int main(void)
{
    uint32_t seed = 1;
    WORD(0x41004004) = 1 << 1; /* a wait state of the flash */
    HALF(0x40000824) = 2; /* the DFLL, without a reference */
    WORD(0x40000C04) = 0 | 7 << 8 | 1 << 16;
    WORD(0xE000E014) = 48000 - 1;
    WORD(0xE000E018) = 0;
    WORD(0xE000E010) = 7;
    for (;; rounds++) {
        for (uint32_t i = 0; i < COUNT; i++) {
            seed = seed * 1664525u + 1013904223u;
            numbers[i] = seed;
            checksum = crc(checksum, (uint8_t)(seed >> 24));
        }
        sort();
    }
}
