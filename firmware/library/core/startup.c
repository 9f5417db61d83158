/* From reset to the sketch: the vectors, the variables, the constructors. */
#include "board.h"
#include "samd21.h"

typedef void (*handler)(void);

extern uint32_t data_load[], data_start[], data_end[], bss_start[], bss_end[], stack_top[];
extern const handler constructors_start[], constructors_end[];

void Reset_Handler(void);
void Fault_Handler(void);
void SysTick_Handler(void);
void SERCOM5_Handler(void);
void __cxa_pure_virtual(void);

typedef struct {
    uint32_t *stack;
    handler exceptions[15];
    handler interrupts[28];
} vectors;

__attribute__((section(".vectors"), used)) static const vectors table = {
    stack_top,
    {[0] = Reset_Handler, [1] = Fault_Handler, [2] = Fault_Handler, [10] = Fault_Handler, [13] = Fault_Handler,
     [14] = SysTick_Handler},
    {[IRQ_SERCOM5] = SERCOM5_Handler},
};

static void variables_begin(void)
{
    const uint32_t *from = data_load;
    for (uint32_t *to = data_start; to < data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = bss_start; to < bss_end;) {
        *to++ = 0;
    }
}

void Reset_Handler(void)
{
    variables_begin();
    SCB_VTOR = (uint32_t)(uintptr_t)&table;
    clocks_begin();
    ticks_begin();
    for (const handler *each = constructors_start; each < constructors_end; each++) {
        (*each)();
    }
    run_sketch();
}

void Fault_Handler(void)
{
    for (;;) {
    }
}

void __cxa_pure_virtual(void)
{
    Fault_Handler();
}
