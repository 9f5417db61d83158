// The sketches' port on this core. What goes to a host or is read goes over Serial1, and so do a keyboard's reports,
// eight bytes each.
#include <stdbool.h>

#include "board.h"
#include "samd21.h"

static const uint32_t LED_GROUP = 1, LED_PIN = 8;

void port_begin(void)
{
    PORT_DIRSET(LED_GROUP) = BIT(LED_PIN);
    serial1_begin(115200);
}

uint32_t port_now_ms(void)
{
    return ticks_ms();
}

uint32_t port_now_us(void)
{
    return ticks_us();
}

void port_write(const uint8_t *bytes, uint32_t count)
{
    serial1_send(bytes, count);
}

uint32_t port_room(void)
{
    return serial1_room();
}

uint32_t port_read_block(uint8_t *bytes, uint32_t most)
{
    return serial1_take(bytes, most);
}

bool port_next_report(uint8_t report[8])
{
    static uint8_t arrived[8];
    static uint32_t count = 0;
    count += serial1_take(arrived + count, sizeof arrived - count);
    if (count < sizeof arrived) {
        return false;
    }
    for (count = sizeof arrived; count != 0; count--) {
        report[count - 1] = arrived[count - 1];
    }
    return true;
}

int16_t port_channel(uint32_t channel)
{
    static bool is_begun = false;
    if (!is_begun) {
        analog_begin();
        is_begun = true;
    }
    return static_cast<int16_t>(analog_read(channel));
}

void port_led(bool on)
{
    if (on) {
        PORT_OUTSET(LED_GROUP) = BIT(LED_PIN);
    } else {
        PORT_OUTCLR(LED_GROUP) = BIT(LED_PIN);
    }
}
