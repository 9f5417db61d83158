#include "board.h"
#include "samd21.h"

#define FUNCTION_B 1u
#define GROUND 0x18u
#define HALF_GAIN 15u
#define READY BIT(0)
#define CHANNELS 7u

typedef struct {
    uint8_t group, pin, input;
} analog_pin;

/* A1 to A6 and A0, which is the DAC's pin too. */
static const analog_pin PINS[CHANNELS] = {{1, 2, 10}, {1, 3, 11}, {0, 4, 4}, {0, 5, 5}, {0, 6, 6}, {0, 7, 7}, {0, 2, 0}};

static void wait_for_adc(void)
{
    while (ADC_STATUS != 0) {
    }
}

static void pin_to_adc(analog_pin at)
{
    const uint32_t shift = at.pin % 2 * 4;
    PORT_PMUX(at.group, at.pin) = (uint8_t)((PORT_PMUX(at.group, at.pin) & ~(15u << shift)) | FUNCTION_B << shift);
    PORT_PINCFG(at.group, at.pin) = PINCFG_PMUXEN;
}

/* 12 bits, against half the supply at half the gain: the whole of 0 to 3.3 V. */
void analog_begin(void)
{
    PM_APBCMASK |= PM_APBCMASK_ADC;
    GCLK_CLKCTRL = GCLK_ADC | GCLK_CLKCTRL_CLKEN;
    for (uint32_t i = 0; i < CHANNELS; i++) {
        pin_to_adc(PINS[i]);
    }
    ADC_REFCTRL = 2;
    ADC_SAMPCTRL = 5;
    ADC_CTRLB = 4u << 8; /* 48 MHz / 64 */
    wait_for_adc();
    ADC_CTRLA = BIT(1);
    wait_for_adc();
}

uint32_t analog_read(uint32_t channel)
{
    ADC_INPUTCTRL = HALF_GAIN << 24 | GROUND << 8 | PINS[channel].input;
    wait_for_adc();
    ADC_INTFLAG = READY;
    ADC_SWTRIG = BIT(1);
    while ((ADC_INTFLAG & READY) == 0) {
    }
    wait_for_adc();
    return ADC_RESULT;
}
