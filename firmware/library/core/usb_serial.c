#include "board.h"
#include "samd21.h"
#include "usb_descriptors.h"

#define PATIENCE_MS 100u
#define FUNCTION_G 6u
#define PIN_DM 24u
#define PIN_DP 25u
#define SIZE_64 (3u << 28)
#define AUTO_ZLP BIT(31)
#define BYTES(packet_size) ((packet_size) & 0x3FFFu)

/* What the controller reads and writes in RAM, of each endpoint and bank. */
typedef struct {
    uint8_t *address;
    uint32_t packet_size;
    uint32_t extra;
    uint32_t reserved;
} bank;

__attribute__((aligned(4))) static volatile bank banks[ENDPOINTS][2];
__attribute__((aligned(4))) static uint8_t control_out[PACKET_BYTES], control_in[PACKET_BYTES];
__attribute__((aligned(4))) static uint8_t arrived[PACKET_BYTES], leaving[PACKET_BYTES];
static uint32_t taken; /* of what is in `arrived` */
static uint8_t coding[7], is_configured, is_open, is_sending;

static void copy(uint8_t *to, const uint8_t *from, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        to[i] = from[i];
    }
}

/* Lets the controller fill bank 0. */
static void receive(uint32_t endpoint)
{
    banks[endpoint][0].packet_size = SIZE_64 | PACKET_BYTES << 14;
    USB_EPINTFLAG(endpoint) = USB_RECEIVED;
    USB_EPSTATUSCLR(endpoint) = USB_BANK0_READY;
}

/* Gives bank 1 to the controller. */
static void give(uint32_t endpoint, uint32_t count, uint32_t how)
{
    banks[endpoint][1].packet_size = SIZE_64 | count | how;
    USB_EPINTFLAG(endpoint) = USB_SENT;
    USB_EPSTATUSSET(endpoint) = USB_BANK1_READY;
}

/* 0 where it takes too long. */
static uint32_t wait_for(uint32_t endpoint, uint32_t flag)
{
    const uint32_t start = ticks_ms();
    while ((USB_EPINTFLAG(endpoint) & flag) == 0) {
        if (ticks_ms() - start > PATIENCE_MS) {
            return 0;
        }
    }
    return 1;
}

/* At most `most` of a table, which the host then acknowledges. */
static void answer(const uint8_t *bytes, uint32_t count, uint32_t most)
{
    const uint32_t whole = count < most ? count : most;
    const uint32_t how = whole < most ? AUTO_ZLP : 0;
    uint32_t sent = 0;
    do {
        const uint32_t now = whole - sent < PACKET_BYTES ? whole - sent : PACKET_BYTES;
        copy(control_in, bytes + sent, now);
        give(CONTROL, now, how);
        if (!wait_for(CONTROL, USB_SENT)) {
            return;
        }
        sent += now;
    } while (sent < whole);
}

static void acknowledge(void)
{
    give(CONTROL, 0, 0);
    wait_for(CONTROL, USB_SENT);
}

static void refuse(void)
{
    USB_EPSTATUSSET(CONTROL) = USB_STALL_IN;
}

static void describe(uint32_t kind, uint32_t most)
{
    if (kind == 1) {
        answer(DEVICE, sizeof DEVICE, most);
    } else if (kind == 2) {
        answer(CONFIGURATION, sizeof CONFIGURATION, most);
    } else if (kind == 3) {
        answer(LANGUAGES, sizeof LANGUAGES, most);
    } else {
        refuse();
    }
}

static void configure(void)
{
    USB_EPCFG(NOTIFICATION) = 4u << 4;
    USB_EPCFG(FROM_HOST) = 3;
    USB_EPCFG(TO_HOST) = 3u << 4;
    banks[NOTIFICATION][1].address = leaving;
    banks[FROM_HOST][0].address = arrived;
    banks[TO_HOST][1].address = leaving;
    receive(FROM_HOST);
    taken = 0;
    is_sending = 0;
    is_configured = 1;
}

static void set_coding(void)
{
    if (wait_for(CONTROL, USB_RECEIVED)) {
        copy(coding, control_out, sizeof coding);
        receive(CONTROL);
        acknowledge();
    }
}

/* A request has its kind, its number, and little-endian value, index and length. */
static void serve(const uint8_t request[8])
{
    const uint32_t named = (uint32_t)request[0] << 8 | request[1];
    const uint32_t most = (uint32_t)request[6] | (uint32_t)request[7] << 8;
    static const uint8_t status[2];
    switch (named) {
    case 0x8006:
        describe(request[3], most);
        break;
    case 0x8000:
        answer(status, sizeof status, most);
        break;
    case 0x0005:
        acknowledge();
        USB_DADD = 0x80 | request[2];
        break;
    case 0x0009:
        configure();
        acknowledge();
        break;
    case 0x2120:
        set_coding();
        break;
    case 0xA121:
        answer(coding, sizeof coding, most);
        break;
    case 0x2122:
        is_open = request[2] & 1;
        acknowledge();
        break;
    default:
        refuse();
    }
}

static void control_begin(void)
{
    USB_EPCFG(CONTROL) = 1u | 1u << 4;
    banks[CONTROL][0].address = control_out;
    banks[CONTROL][1].address = control_in;
    receive(CONTROL);
}

static void poll(void)
{
    if (USB_INTFLAG & USB_RESET_OVER) {
        USB_INTFLAG = USB_RESET_OVER;
        is_configured = is_open = 0;
        control_begin();
    }
    if (USB_EPINTFLAG(CONTROL) & USB_SETUP) {
        uint8_t request[8];
        copy(request, control_out, sizeof request);
        USB_EPINTFLAG(CONTROL) = USB_SETUP;
        receive(CONTROL);
        serve(request);
    }
}

static void wait_for_usb(void)
{
    while (USB_SYNCBUSY != 0) {
    }
}

static void pin_to_usb(uint32_t pin)
{
    const uint32_t shift = pin % 2 * 4;
    PORT_PMUX(0, pin) = (uint8_t)((PORT_PMUX(0, pin) & ~(15u << shift)) | FUNCTION_G << shift);
    PORT_PINCFG(0, pin) = PINCFG_PMUXEN;
}

/* 31, 31 and 7 are those of a chip that was never calibrated: the data sheet's values then. */
static uint16_t calibration(void)
{
    const uint32_t word = NVM_CALIBRATION;
    const uint32_t n = word >> 13 & 31, p = word >> 18 & 31, trim = word >> 23 & 7;
    return (uint16_t)((trim == 7 ? 3 : trim) << 12 | (n == 31 ? 5 : n) << 6 | (p == 31 ? 29 : p));
}

void usb_begin(void)
{
    pin_to_usb(PIN_DM);
    pin_to_usb(PIN_DP);
    PM_APBBMASK |= PM_APBBMASK_USB;
    GCLK_CLKCTRL = GCLK_USB | GCLK_CLKCTRL_CLKEN;
    USB_CTRLA = BIT(0);
    wait_for_usb();
    USB_PADCAL = calibration();
    USB_DESCADD = (uint32_t)(uintptr_t)banks;
    USB_CTRLA = BIT(1);
    wait_for_usb();
    USB_CTRLB = 0; /* attached, at full speed */
}

uint32_t usb_take(uint8_t *bytes, uint32_t most)
{
    poll();
    if (!is_configured || (USB_EPSTATUS(FROM_HOST) & USB_BANK0_READY) == 0) {
        return 0;
    }
    const uint32_t left = BYTES(banks[FROM_HOST][0].packet_size) - taken;
    const uint32_t count = left < most ? left : most;
    copy(bytes, arrived + taken, count);
    taken += count;
    if (count == left) {
        taken = 0;
        receive(FROM_HOST);
    }
    return count;
}

/* A last packet that is full is followed by an empty one, so that the host's read ends. */
void usb_send(const uint8_t *bytes, uint32_t count)
{
    while (count != 0 && is_open) {
        if (is_sending && !wait_for(TO_HOST, USB_SENT)) {
            return;
        }
        const uint32_t now = count < PACKET_BYTES ? count : PACKET_BYTES;
        copy(leaving, bytes, now);
        is_sending = 1;
        give(TO_HOST, now, now == count ? AUTO_ZLP : 0);
        bytes += now;
        count -= now;
    }
}
