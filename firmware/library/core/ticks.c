#include "board.h"
#include "samd21.h"

#define TICK (CLOCK_HZ / 1000)
#define US (CLOCK_HZ / 1000000)

static volatile uint32_t milliseconds;

void SysTick_Handler(void);
void SysTick_Handler(void)
{
    milliseconds++;
}

void ticks_begin(void)
{
    SYSTICK_LOAD = TICK - 1;
    SYSTICK_VALUE = 0;
    SYSTICK_CTRL = BIT(0) | BIT(1) | BIT(2); /* on, by interrupt, of the processor's clock */
}

uint32_t ticks_ms(void)
{
    return milliseconds;
}

/* A tick that falls between the reads is seen by the milliseconds; one whose interrupt waits, by its flag. */
uint32_t ticks_us(void)
{
    uint32_t before, left, is_pending;
    do {
        before = milliseconds;
        left = SYSTICK_VALUE;
        is_pending = SCB_ICSR & ICSR_SYSTICK_PENDING;
    } while (before != milliseconds || left < SYSTICK_VALUE);
    return (before + (is_pending != 0)) * 1000 + (TICK - 1 - left) / US;
}
