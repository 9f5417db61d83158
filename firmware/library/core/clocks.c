#include "board.h"
#include "samd21.h"

#define GENERATOR_CRYSTAL 1u
#define SOURCE_XOSC32K 5u
#define SOURCE_DFLL48M 7u
#define GENERATOR_ON BIT(16)
#define HALF_AND_HALF BIT(17)
#define CRYSTAL_HZ 32768u

static void wait_for(uint32_t ready)
{
    while ((SYSCTRL_PCLKSR & ready) != ready) {
    }
}

static void wait_for_generators(void)
{
    while (GCLK_STATUS != 0) {
    }
}

static void crystal_begin(void)
{
    const uint16_t startup_and_crystal = 6u << 8 | BIT(3) | BIT(2);
    SYSCTRL_XOSC32K = startup_and_crystal;
    SYSCTRL_XOSC32K = startup_and_crystal | BIT(1); /* data sheet: enabled by a write of its own */
    wait_for(PCLKSR_XOSC32KRDY);
    GCLK_GENDIV = GENERATOR_CRYSTAL;
    wait_for_generators();
    GCLK_GENCTRL = GENERATOR_CRYSTAL | SOURCE_XOSC32K << 8 | GENERATOR_ON;
    wait_for_generators();
}

/* The closed loop at 1465 times the crystal: its coarse and fine steps at half of what they can be. */
static void dfll_begin(void)
{
    const uint16_t closed_loop = BIT(2) | BIT(9) | BIT(11); /* MODE, QLDIS, WAITLOCK */
    GCLK_CLKCTRL = GCLK_DFLL48M | GENERATOR_CRYSTAL << 8 | GCLK_CLKCTRL_CLKEN;
    wait_for_generators();
    SYSCTRL_DFLLCTRL = BIT(1); /* not on demand: errata 9905 */
    wait_for(PCLKSR_DFLLRDY);
    SYSCTRL_DFLLMUL = 31u << 26 | 511u << 16 | (CLOCK_HZ + CRYSTAL_HZ / 2) / CRYSTAL_HZ;
    wait_for(PCLKSR_DFLLRDY);
    SYSCTRL_DFLLCTRL = closed_loop | BIT(1);
    wait_for(PCLKSR_DFLLRDY | PCLKSR_DFLLLCKC | PCLKSR_DFLLLCKF);
}

void clocks_begin(void)
{
    NVMCTRL_CTRLB = NVMCTRL_CTRLB_MANUAL_WRITE | NVMCTRL_CTRLB_ONE_WAIT;
    crystal_begin();
    dfll_begin();
    GCLK_GENDIV = 0;
    wait_for_generators();
    GCLK_GENCTRL = SOURCE_DFLL48M << 8 | HALF_AND_HALF | GENERATOR_ON;
    wait_for_generators();
}
