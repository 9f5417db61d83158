#include "board.h"
#include "samd21.h"

#define RING 256u /* its indices are those of a uint8_t */
#define PIN_TX 22u
#define PIN_RX 23u
#define GROUP_B 1u
#define FUNCTION_D 3u

typedef struct {
    uint8_t bytes[RING];
    volatile uint8_t in, out;
} ring;

static ring received, sending;

void SERCOM5_Handler(void);
void SERCOM5_Handler(void)
{
    const uint8_t flags = SERCOM5_INTFLAG;
    if (flags & SERCOM_RXC) {
        const uint8_t byte = (uint8_t)SERCOM5_DATA;
        if ((uint8_t)(received.in + 1) != received.out) {
            received.bytes[received.in++] = byte;
        }
    }
    if (flags & SERCOM_DRE) {
        if (sending.in == sending.out) {
            SERCOM5_INTENCLR = SERCOM_DRE;
        } else {
            SERCOM5_DATA = sending.bytes[sending.out++];
        }
    }
}

static void pin_to_sercom(uint32_t pin)
{
    const uint32_t shift = pin % 2 * 4;
    PORT_PMUX(GROUP_B, pin) = (uint8_t)((PORT_PMUX(GROUP_B, pin) & ~(15u << shift)) | FUNCTION_D << shift);
    PORT_PINCFG(GROUP_B, pin) = PINCFG_PMUXEN;
}

static void wait_for_sercom(void)
{
    while (SERCOM5_SYNCBUSY != 0) {
    }
}

/* Sixteen samples a bit, the rate in eighths of a division: BAUD is 48 MHz / (16 baud). */
void serial1_begin(uint32_t baud)
{
    const uint32_t eighths = CLOCK_HZ / 2 / baud;
    PM_APBCMASK |= PM_APBCMASK_SERCOM5;
    GCLK_CLKCTRL = GCLK_SERCOM5_CORE | GCLK_CLKCTRL_CLKEN;
    pin_to_sercom(PIN_TX);
    pin_to_sercom(PIN_RX);
    SERCOM5_CTRLA = BIT(0); /* as after power-on, whatever the bootloader left */
    wait_for_sercom();
    SERCOM5_CTRLA = 1u << 2 | 1u << 13 | 1u << 16 | 3u << 20 | BIT(30); /* own clock, TX pad 2, RX pad 3, LSB first */
    SERCOM5_BAUD = (uint16_t)(eighths % 8 << 13 | eighths / 8);
    SERCOM5_CTRLB = BIT(16) | BIT(17);
    wait_for_sercom();
    NVIC_ENABLE = BIT(IRQ_SERCOM5);
    SERCOM5_INTENSET = SERCOM_RXC;
    SERCOM5_CTRLA |= BIT(1);
    wait_for_sercom();
}

uint32_t serial1_room(void)
{
    return (uint8_t)(sending.out - sending.in - 1);
}

void serial1_send(const uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        while (serial1_room() == 0) {
        }
        sending.bytes[sending.in] = bytes[i];
        sending.in++;
        SERCOM5_INTENSET = SERCOM_DRE;
    }
}

uint32_t serial1_take(uint8_t *bytes, uint32_t most)
{
    uint32_t count = 0;
    while (count < most && received.out != received.in) {
        bytes[count++] = received.bytes[received.out];
        received.out++;
    }
    return count;
}
